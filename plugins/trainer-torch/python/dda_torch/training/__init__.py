"""Updates: from scored rollouts or demonstrations to new weights."""
