"""What a tenant's people set up: brand, staff, addresses, cards, programs; and the record of what was done."""
