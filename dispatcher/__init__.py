"""Deciding: the desks, the planners, the journal and the relay."""
