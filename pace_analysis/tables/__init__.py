"""Canonical tables: their schema, the rules they must keep, the check that runs all rules."""
