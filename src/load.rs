//! Edge: definitions, seed and files from disk.
