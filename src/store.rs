//! Edge: the workspace on disk.
