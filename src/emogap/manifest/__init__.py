"""What flows between the steps: records, labels, audio, embeddings on disk, provenance."""
