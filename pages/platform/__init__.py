"""The platform owner's own pages."""
