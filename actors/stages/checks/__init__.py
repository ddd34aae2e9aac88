"""Does an answer do justice to what was asked? What stages check before an answer counts."""
