#!/usr/bin/env bash
# diffusers 0.42.1 with transformers 5.24.0: GlmImagePipeline makes pictures from text, but edits none, whatever its weights. It joins the features of
# its source pictures before it has them tokenised, which is what the docstring of get_image_tokens asks for ((total_patches, hidden_size)); the
# function takes the list that get_image_features gives. Where `pip install diffusers transformers` is all that was done, that is what one has.
# PYTHON=path takes an interpreter that has these packages, instead of installing them (2 GB).
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python=${PYTHON:-}
if [ -z "$python" ]; then
  python3 -m venv venv
  venv/bin/pip install --quiet torch==2.15.0 torchvision transformers==5.24.0 diffusers==0.42.1 accelerate pillow
  python=venv/bin/python
fi
cat >see.py <<'PY'
import inspect

import diffusers
import torch
import transformers

print(f"diffusers {diffusers.__version__}, transformers {transformers.__version__}")
torch.manual_seed(0)
codes = 32
model = transformers.GlmImageForConditionalGeneration(
    transformers.GlmImageConfig(
        text_config=dict(
            vocab_size=64, hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, num_key_value_heads=2,
            max_position_embeddings=256, pad_token_id=0, eos_token_id=1, vision_vocab_size=codes,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
        ),
        vision_config=dict(depth=1, hidden_size=16, num_heads=2, image_size=64, patch_size=16, intermediate_size=16),
        vq_config=dict(embed_dim=16, num_embeddings=codes, latent_channels=16),
        image_token_id=2, image_start_token_id=3, image_end_token_id=4,
    )
).eval()

# One picture of 4 by 4 patches.
grid = torch.tensor([[1, 4, 4]])
with torch.no_grad():
    features = model.get_image_features(torch.rand(16, 3 * 16 * 16), grid).pooler_output
    print(f"get_image_features gives {type(features).__name__} of {[tuple(one.shape) for one in features]}")
    print(f"its list: {tuple(model.get_image_tokens(features, grid).shape)} tokens")
    joined = torch.cat(features, dim=0)
    try:
        print(f"joined: {tuple(model.get_image_tokens(joined, grid).shape)} tokens")
    except RuntimeError as error:
        print(f"joined: {type(error).__name__}")
    docs = inspect.getdoc(type(model.model).get_image_tokens)
    print(f"documented as joined: {'(total_patches, hidden_size)' in docs}")
source = inspect.getsource(diffusers.GlmImagePipeline)
print(f"the pipeline joins them: {'torch.cat(prior_token_image_embed, dim=0)' in source}")
PY
"$python" see.py 2>/dev/null | tee seen
diff seen - <<'SEEN'
diffusers 0.42.1, transformers 5.24.0
get_image_features gives list of [(16, 4, 4)]
its list: (16,) tokens
joined: RuntimeError
documented as joined: True
the pipeline joins them: True
SEEN
