"""How Voltdeck looks: a brand as data, turned into CSS variables and a page frame."""
