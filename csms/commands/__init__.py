"""What we ask of a station: permission, audit, delivery, result; one door for all."""
