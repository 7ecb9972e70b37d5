//! Edge: the network.
