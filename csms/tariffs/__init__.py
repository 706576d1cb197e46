"""What charging costs: versions of price lists and the one pricing function."""
