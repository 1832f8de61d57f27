"""Tiny weights for pipelines that work at sizes of their own, a megapixel: narrow where others are, and as many levels as theirs."""

from typing import Any

import diffusers
import transformers
from tiny_pipeline import clip, flux2_vae, qwen3_vl, qwen_vl, tokenizer, vae


def narrow_vae(latent: int, **more: Any) -> Any:
    """Four levels of four channels: a megapixel is encoded in a second."""
    return diffusers.AutoencoderKL(
        block_out_channels=[4] * 4, in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * 4,
        up_block_types=["UpDecoderBlock2D"] * 4, latent_channels=latent, norm_num_groups=1, mid_block_add_attention=False, **more,
    )


def wan_vae() -> Any:
    return diffusers.AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True],
        latents_mean=[0.0] * 16, latents_std=[1.0] * 16,
    )


def longcat() -> Any:
    words = tokenizer(4096)
    text_encoder, processor = qwen_vl(words)
    # The pipeline packs sixteen channels in squares of four.
    transformer = diffusers.LongCatImageTransformer2DModel(
        patch_size=1, in_channels=64, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=1,
        joint_attention_dim=32, pooled_projection_dim=32, axes_dims_rope=[4, 4, 8],
    )
    return diffusers.LongCatImageEditPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True), text_encoder=text_encoder, tokenizer=words,
        vae=narrow_vae(16, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06, scaling_factor=1.5),
        text_processor=processor, transformer=transformer,
    )


def joy(kind: Any, transformer: Any) -> Any:
    words = tokenizer(8192)
    text_encoder, processor = qwen3_vl(words)
    return kind(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=wan_vae(), text_encoder=text_encoder, tokenizer=words, processor=processor,
        transformer=transformer(
            patch_size=[1, 2, 2], in_channels=16, hidden_size=16, num_attention_heads=1, text_dim=16, num_layers=1, rope_dim_list=[4, 6, 6],
            theta=256,
        ),
    )


def kandinsky5() -> Any:
    words, clip_words = tokenizer(4096), tokenizer(77)
    text_encoder, processor = qwen_vl(words)
    transformer = diffusers.Kandinsky5Transformer3DModel(
        in_visual_dim=16, in_text_dim=32, in_text_dim2=32, time_dim=16, out_visual_dim=16, patch_size=(1, 2, 2), model_dim=16, ff_dim=32,
        num_text_blocks=1, num_visual_blocks=1, axes_dims=(4, 6, 6), visual_cond=True, attention_type="regular",
    )
    return diffusers.Kandinsky5I2IPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(shift=7.0), text_encoder=text_encoder, tokenizer=processor,
        vae=narrow_vae(16, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.1159, scaling_factor=0.3611),
        text_encoder_2=clip(clip_words), tokenizer_2=clip_words, transformer=transformer,
    )


def qwen_image_21() -> Any:
    words = tokenizer(8192, padding_side="left")
    text_encoder, processor = qwen3_vl(words)
    processor.chat_template = (
        "{% for m in messages %}<|im_start|>{{ m.role }}\n"
        "{% for c in m.content %}{% if c.type == 'text' %}{{ c.text }}{% endif %}{% endfor %}<|im_end|>\n{% endfor %}"
    )
    return diffusers.QwenImage21Pipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True), text_encoder=text_encoder, processor=processor,
        vae=diffusers.AutoencoderKLQwenImage21(
            base_dim=4, decoder_base_dim=4, z_dim=8, dim_mult=[1, 1, 1, 1, 1], num_res_blocks=1, latents_mean=[0.0] * 8, latents_std=[1.0] * 8,
        ),
        transformer=diffusers.QwenImage21Transformer2DModel(
            in_channels=8, out_channels=8, num_layers=1, attention_head_dim=16, num_attention_heads=1, context_in_dim=16, mlp_ratio=2,
            axes_dims_rope=(4, 6, 6),
        ),
    )


def fibo_edit() -> Any:
    words = tokenizer(4096)
    text_encoder = transformers.SmolLM3ForCausalLM(
        transformers.SmolLM3Config(
            hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2,
            # What an empty negative prompt is made of has this number.
            vocab_size=128001, max_position_embeddings=4096, pad_token_id=words.pad_token_id, eos_token_id=words.eos_token_id,
            bos_token_id=words.eos_token_id,
        )
    )
    # States of the last two layers side by side.
    transformer = diffusers.BriaFiboTransformer2DModel(
        patch_size=1, in_channels=16, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=32, axes_dims_rope=[4, 4, 8], text_encoder_dim=16,
    )
    # Pictures are cut by 16: a level more than the other pipelines' of this autoencoder.
    autoencoder = diffusers.AutoencoderKLWan(
        base_dim=3, z_dim=16, dim_mult=[1, 1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True, False],
        latents_mean=[0.0] * 16, latents_std=[1.0] * 16,
    )
    return diffusers.BriaFiboEditPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True), vae=autoencoder, text_encoder=text_encoder,
        tokenizer=words, transformer=transformer,
    )


def fibo2() -> Any:
    # The pipeline takes the states behind layers 5 to 35.
    text_encoder, processor = qwen3_vl(tokenizer(8192), layers=36)
    transformer = diffusers.BriaFibo2Transformer2DModel(
        in_channels=1, patch_size=2, dim=32, n_layers=6, n_refiner_layers=1, n_heads=2, cap_feat_dim=48, injection_layer_ids=(0, 1, 2, 3, 4),
        perceiver_num_layers=1, min_num_gist_tokens=4, max_num_gist_tokens=8, gist_step=4, axes_dims=(4, 6, 6), axes_lens=(64, 512, 512),
    )
    return diffusers.BriaFibo2Pipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True), vae=flux2_vae(), text_encoder=text_encoder,
        processor=processor, transformer=transformer,
    )


def glm_image() -> Any:
    marks = {"image_token": "<|image|>", "grid_bos_token": "<sop>", "grid_eos_token": "<eop>", "bos_token": "<|dit_token|>"}
    words = tokenizer(8192, padding_side="left", extra_special_tokens={key: value for key, value in marks.items() if key != "bos_token"},
                      bos_token=marks["bos_token"])  # fmt: skip
    processor = transformers.GlmImageProcessor(
        image_processor=transformers.GlmImageImageProcessor(
            size={"shortest_edge": 32 * 32, "longest_edge": 2048 * 2048}, patch_size=16, temporal_patch_size=1, merge_size=1,
        ),
        tokenizer=words,
        chat_template=(
            "{% for m in messages %}{% for c in m.content %}{% if c.type == 'image' %}<|image|>{% else %}{{ c.text }}{% endif %}"
            "{% endfor %}{% endfor %}"
        ),
    )
    codes = 32
    encoder = transformers.GlmImageForConditionalGeneration(
        transformers.GlmImageConfig(
            text_config=dict(
                vocab_size=len(words) + 8, hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2,
                num_key_value_heads=2, max_position_embeddings=8192, pad_token_id=words.pad_token_id, vision_vocab_size=codes,
                # No code of a picture: the real one is as good as never written before the last.
                eos_token_id=len(words) + 1, rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]},
            ),
            vision_config=dict(depth=1, hidden_size=16, num_heads=2, image_size=64, patch_size=16, intermediate_size=16),
            vq_config=dict(embed_dim=16, num_embeddings=codes, latent_channels=16),
            image_token_id=words.convert_tokens_to_ids(marks["image_token"]), image_start_token_id=len(words) + 2,
            image_end_token_id=len(words) + 3,
        )
    )
    letters = transformers.ByT5Tokenizer()
    glyphs = transformers.T5EncoderModel(transformers.T5Config(vocab_size=len(letters), d_model=16, d_kv=8, d_ff=16, num_layers=1, num_heads=2))
    transformer = diffusers.GlmImageTransformer2DModel(
        patch_size=2, in_channels=4, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2, text_embed_dim=16,
        time_embed_dim=16, condition_dim=8, prior_vq_quantizer_codebook_size=codes,
    )
    return diffusers.GlmImagePipeline(
        tokenizer=letters, processor=processor, text_encoder=glyphs, vision_language_encoder=encoder,
        vae=vae(4, blocks=4, latents_mean=[0.0] * 4, latents_std=[1.0] * 4), transformer=transformer,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(use_dynamic_shifting=True),
    )


FAMILIES = {
    "fibo-edit": fibo_edit,
    "fibo2": fibo2,
    "glm-image": glm_image,
    "longcat": longcat,
    "joy-edit": lambda: joy(diffusers.JoyImageEditPipeline, diffusers.JoyImageEditTransformer3DModel),
    "joy-edit-plus": lambda: joy(diffusers.JoyImageEditPlusPipeline, diffusers.JoyImageEditPlusTransformer3DModel),
    "kandinsky5": kandinsky5,
    "qwen-image-21": qwen_image_21,
}
