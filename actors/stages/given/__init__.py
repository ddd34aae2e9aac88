"""What an author gave of a film: for the stages that lay it over, or under, what models make."""
