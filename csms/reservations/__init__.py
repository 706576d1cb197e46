"""An EVSE kept free for somebody."""
