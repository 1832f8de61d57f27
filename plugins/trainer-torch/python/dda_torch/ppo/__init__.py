"""The arithmetic of policy-gradient training. No module here knows a model; all of them work on tensors."""
