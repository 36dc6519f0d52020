"""What auditing costs, beside its peers and the limit: `python -m benchmarks`."""
