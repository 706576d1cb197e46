"""What happens at an EVSE: transactions, their meter values and their end."""
