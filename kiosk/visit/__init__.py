"""The visit, pure: step(state, event), present(state), and the limits on what may be taken offline."""
