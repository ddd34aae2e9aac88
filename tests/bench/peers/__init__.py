"""Other programs that run steps durably, each in an environment of its own: ``make bench-peers``.

All run one graph of steps that do nothing: one, then seventeen side by side, then one. Where a peer is not
installed its row is left out.
"""
