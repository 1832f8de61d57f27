"""Tiny weights for pipelines that work at sizes of their own, a megapixel: narrow where others are, and as many levels as theirs."""

from typing import Any

import diffusers
import transformers
from tiny_pipeline import clip, qwen3_vl, qwen_vl, tokenizer


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


FAMILIES = {
    "longcat": longcat,
    "joy-edit": lambda: joy(diffusers.JoyImageEditPipeline, diffusers.JoyImageEditTransformer3DModel),
    "joy-edit-plus": lambda: joy(diffusers.JoyImageEditPlusPipeline, diffusers.JoyImageEditPlusTransformer3DModel),
    "kandinsky5": kandinsky5,
    "qwen-image-21": qwen_image_21,
}
