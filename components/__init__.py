"""What is seen on more than one page: data in, callbacks out."""
