"""The policy: Hugging Face models behind one interface, their prompts and their batches."""
