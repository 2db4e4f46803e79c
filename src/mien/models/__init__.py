"""Our trained network, the cards of all networks, and (after a build) the third-party ones."""
