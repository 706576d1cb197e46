"""What Voltdeck costs, measured next to a floor and a yardstick in one run: `make bench` writes docs/benchmarks.md."""
