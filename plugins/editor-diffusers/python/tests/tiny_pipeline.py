"""Builds a folder with a tiny edit pipeline: the real classes of diffusers and transformers, a few thousand random weights.

    python tests/tiny_pipeline.py FOLDER [a family of FAMILIES, here or in tiny_large.py]
"""

import sys
from pathlib import Path
from typing import Any

import diffusers
import torch
import transformers
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>", "<|video_pad|>"]


def tokenizer(room: int, fast: type = transformers.PreTrainedTokenizerFast, **more: Any) -> Any:
    """Bytes; any text can be read, up to ``room`` tokens."""
    vocabulary = {char: i for i, char in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    core = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    core.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    core.decoder = decoders.ByteLevel()
    return fast(
        tokenizer_object=core, eos_token="<|im_end|>", pad_token="<|endoftext|>", model_max_length=room,
        additional_special_tokens=SPECIALS, **more,
    )


def clip(words: Any, width: int = 32, kind: Any = transformers.CLIPTextModel) -> Any:
    return kind(
        transformers.CLIPTextConfig(
            vocab_size=len(words), hidden_size=width, intermediate_size=37, num_attention_heads=4, num_hidden_layers=2,
            max_position_embeddings=words.model_max_length, bos_token_id=0, eos_token_id=words.eos_token_id, pad_token_id=words.pad_token_id,
            projection_dim=width,
        )
    )


def vae(latent: int = 4, blocks: int = 2, **more: Any) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=[32] * blocks, in_channels=3, out_channels=3, down_block_types=["DownEncoderBlock2D"] * blocks,
        up_block_types=["UpDecoderBlock2D"] * blocks, latent_channels=latent, norm_num_groups=32, **more,
    )


def instruct_pix2pix(channels: int = 8, room: int = 77) -> Any:
    words = tokenizer(room)
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=32, in_channels=channels, out_channels=4, norm_num_groups=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        cross_attention_dim=32, attention_head_dim=8,
    )
    kind = diffusers.StableDiffusionInstructPix2PixPipeline if channels == 8 else diffusers.StableDiffusionPipeline
    return kind(
        unet=unet, scheduler=diffusers.EulerAncestralDiscreteScheduler(), vae=vae(), text_encoder=clip(words), tokenizer=words,
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )


def instruct_pix2pix_xl() -> Any:
    words, more_words = tokenizer(77), tokenizer(77)
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64), layers_per_block=1, sample_size=32, in_channels=8, out_channels=4, norm_num_groups=32,
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"), up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
        # Both encoders side by side; six sizes of eight numbers each and the pooled text.
        cross_attention_dim=64, attention_head_dim=8, addition_embed_type="text_time", addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=6 * 8 + 32,
    )
    return diffusers.StableDiffusionXLInstructPix2PixPipeline(
        unet=unet, scheduler=diffusers.EulerDiscreteScheduler(), vae=vae(), text_encoder=clip(words), tokenizer=words,
        text_encoder_2=clip(more_words, kind=transformers.CLIPTextModelWithProjection), tokenizer_2=more_words,
    )


def dreamlite(kind: Any) -> Any:
    words = tokenizer(4096)
    text_encoder, processor = qwen3_vl(words)
    unet = diffusers.DreamLiteUNetModel(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(32, 64), cross_attention_dim=16, attention_head_dim=8,
        down_block_types=("DreamLiteCrossAttnNoSelfAttnDownBlock2D", "DreamLiteCrossAttnDownBlock2D"),
        up_block_types=("DreamLiteCrossAttnUpBlock2D", "DreamLiteUpBlock2D"), layers_per_block=1, norm_num_groups=8,
        transformer_layers_per_block=1,
    )
    autoencoder = diffusers.AutoencoderTiny(
        encoder_block_out_channels=(32, 32), decoder_block_out_channels=(32, 32), num_encoder_blocks=(1, 1), num_decoder_blocks=(1, 1),
        latent_channels=4,
    )
    return kind(
        text_encoder=text_encoder, tokenizer=words, processor=processor, vae=autoencoder, unet=unet,
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
    )


def qwen3_vl(words: Any, layers: int = 2) -> tuple[Any, Any]:
    """A Qwen3-VL, and its processor."""
    ids = {name: words.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "video_pad", "vision_start", "vision_end")}
    config = transformers.Qwen3VLConfig(
        text_config=dict(
            hidden_size=16, intermediate_size=16, num_hidden_layers=layers, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
            max_position_embeddings=8192, vocab_size=len(words), pad_token_id=words.pad_token_id, eos_token_id=words.eos_token_id,
            rope_parameters={"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [2, 1, 1], "mrope_interleaved": True},
        ),
        vision_config=dict(
            depth=2, hidden_size=16, out_hidden_size=16, intermediate_size=16, num_heads=2, patch_size=16, deepstack_visual_indexes=[0],
            num_position_embeddings=16,
        ),
        image_token_id=ids["image_pad"], video_token_id=ids["video_pad"], vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"], tie_word_embeddings=False,
    )
    images = transformers.Qwen2VLImageProcessor(size={"shortest_edge": 4 * 16 * 16, "longest_edge": 16 * 32 * 32}, patch_size=16)
    words.chat_template = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}"
    processor = transformers.Qwen3VLProcessor(image_processor=images, tokenizer=words, video_processor=transformers.Qwen3VLVideoProcessor())
    return transformers.Qwen3VLForConditionalGeneration(config), processor


def kontext() -> Any:
    words, more_words = tokenizer(77), tokenizer(256)
    t5 = transformers.T5EncoderModel(
        transformers.T5Config(vocab_size=len(more_words), d_model=32, d_kv=8, d_ff=37, num_layers=2, num_heads=4, pad_token_id=more_words.pad_token_id)
    )
    transformer = diffusers.FluxTransformer2DModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=32, pooled_projection_dim=32, axes_dims_rope=[4, 4, 8], guidance_embeds=True,
    )
    return diffusers.FluxKontextPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(),
        vae=vae(latent=1, blocks=2, use_quant_conv=False, use_post_quant_conv=False, shift_factor=0.06, scaling_factor=1.5),
        text_encoder=clip(words), tokenizer=words, text_encoder_2=t5, tokenizer_2=more_words, transformer=transformer,
    )


def qwen_vl(words: Any) -> tuple[Any, Any]:
    """A Qwen2.5-VL, and its processor."""
    ids = {name: words.convert_tokens_to_ids(f"<|{name}|>") for name in ("image_pad", "video_pad", "vision_start", "vision_end")}
    rope = {"rope_type": "default", "rope_theta": 10000.0, "mrope_section": [1, 1, 2]}
    config = transformers.Qwen2_5_VLConfig(
        text_config=dict(
            hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
            max_position_embeddings=8192, vocab_size=len(words), rope_parameters=rope, bos_token_id=None,
            eos_token_id=words.eos_token_id, pad_token_id=words.pad_token_id, use_sliding_window=False,
        ),
        vision_config=dict(depth=1, hidden_size=16, out_hidden_size=32, intermediate_size=24, num_heads=2, patch_size=14, fullatt_block_indexes=[0], window_size=56),
        image_token_id=ids["image_pad"], video_token_id=ids["video_pad"], vision_start_token_id=ids["vision_start"],
        vision_end_token_id=ids["vision_end"], tie_word_embeddings=False,
    )
    # However large the picture that the pipeline makes of the source, the text encoder sees a small one.
    images = transformers.Qwen2VLImageProcessor(size={"shortest_edge": 4 * 14 * 14, "longest_edge": 16 * 28 * 28}, patch_size=14)
    processor = transformers.Qwen2VLProcessor(image_processor=images, tokenizer=words, video_processor=transformers.Qwen2VLVideoProcessor())
    return transformers.Qwen2_5_VLForConditionalGeneration(config), processor


def qwen_edit(kind: Any = None) -> Any:
    words = tokenizer(4096, padding_side="left")
    text_encoder, processor = qwen_vl(words)
    transformer = diffusers.QwenImageTransformer2DModel(
        patch_size=2, in_channels=16, out_channels=4, num_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=32, guidance_embeds=False, axes_dims_rope=(8, 4, 4),
    )
    autoencoder = diffusers.AutoencoderKLQwenImage(
        # A level more than the large one has: the pipeline works at a megapixel whatever the source, and this makes a quarter of its latents.
        base_dim=4, z_dim=4, dim_mult=[1, 1, 1, 1, 1], num_res_blocks=1, temperal_downsample=[False, True, True, True],
        latents_mean=[0.0] * 4, latents_std=[1.0] * 4,
    )
    return (kind or diffusers.QwenImageEditPipeline)(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=autoencoder, tokenizer=words, processor=processor,
        text_encoder=text_encoder, transformer=transformer,
    )


def flux2_klein(kind: Any = None) -> Any:
    words = tokenizer(131072)
    words.chat_template = "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n"
    # The pipeline takes the states behind layers 9, 18 and 27.
    config = transformers.Qwen3Config(
        hidden_size=16, intermediate_size=16, num_hidden_layers=28, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
        vocab_size=len(words), max_position_embeddings=8192,
    )
    return (kind or diffusers.Flux2KleinPipeline)(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=flux2_vae(), text_encoder=transformers.Qwen3ForCausalLM(config),
        tokenizer=words, transformer=flux2_transformer(guidance_embeds=False),
    )


def flux2_transformer(guidance_embeds: bool) -> Any:
    return diffusers.Flux2Transformer2DModel(
        patch_size=1, in_channels=4, num_layers=1, num_single_layers=1, attention_head_dim=16, num_attention_heads=2,
        joint_attention_dim=48, axes_dims_rope=[4, 4, 4, 4], guidance_embeds=guidance_embeds,
    )


def flux2_vae() -> Any:
    return diffusers.AutoencoderKLFlux2(
        sample_size=32, down_block_types=("DownEncoderBlock2D",), up_block_types=("UpDecoderBlock2D",), block_out_channels=(4,),
        layers_per_block=1, latent_channels=1, norm_num_groups=1, use_quant_conv=False, use_post_quant_conv=False,
    )


def flux2() -> Any:
    words = tokenizer(131072)
    words.add_special_tokens({"additional_special_tokens": [*SPECIALS, "[IMG]", "[IMG_BREAK]", "[IMG_END]"]})
    processor = transformers.PixtralProcessor(
        image_processor=transformers.PixtralImageProcessor(size={"longest_edge": 64}, patch_size={"height": 16, "width": 16}),
        tokenizer=words, patch_size=16,
        chat_template="{% for m in messages %}<|im_start|>{{ m.role }}\n{% for c in m.content %}{{ c.text }}{% endfor %}<|im_end|>\n{% endfor %}",
    )
    # The pipeline takes the states behind layers 10, 20 and 30.
    config = transformers.Mistral3Config(
        text_config=dict(
            model_type="mistral", hidden_size=16, intermediate_size=16, num_hidden_layers=30, num_attention_heads=2, num_key_value_heads=2,
            head_dim=8, vocab_size=len(words), max_position_embeddings=8192,
        ),
        vision_config=dict(
            model_type="pixtral", hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, head_dim=8, image_size=64,
            patch_size=16,
        ),
        image_token_id=words.convert_tokens_to_ids("[IMG]"), spatial_merge_size=2,
    )
    return diffusers.Flux2Pipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=flux2_vae(), tokenizer=processor,
        text_encoder=transformers.Mistral3ForConditionalGeneration(config), transformer=flux2_transformer(guidance_embeds=True),
    )


def z_image_omni() -> Any:
    words = tokenizer(131072)
    text_encoder = transformers.Qwen3Model(
        transformers.Qwen3Config(
            hidden_size=16, intermediate_size=16, num_hidden_layers=2, num_attention_heads=2, num_key_value_heads=2, head_dim=8,
            vocab_size=len(words), max_position_embeddings=8192,
        )
    )
    siglip = transformers.Siglip2VisionModel(
        transformers.Siglip2VisionConfig(
            hidden_size=16, intermediate_size=16, num_hidden_layers=1, num_attention_heads=2, num_patches=16, patch_size=16,
        )
    )
    transformer = diffusers.ZImageTransformer2DModel(
        in_channels=4, dim=32, n_layers=1, n_refiner_layers=1, n_heads=2, n_kv_heads=2, cap_feat_dim=16, siglip_feat_dim=16,
        axes_dims=[4, 6, 6], axes_lens=[4096, 256, 256],
    )
    return diffusers.ZImageOmniPipeline(
        scheduler=diffusers.FlowMatchEulerDiscreteScheduler(), vae=vae(shift_factor=0.1, scaling_factor=0.4), text_encoder=text_encoder,
        tokenizer=words, transformer=transformer, siglip=siglip,
        siglip_processor=transformers.Siglip2ImageProcessor(patch_size=16, max_num_patches=16),
    )


def omnigen() -> Any:
    words = tokenizer(131072)
    transformer = diffusers.OmniGenTransformer2DModel(
        hidden_size=16, num_attention_heads=4, num_key_value_heads=4, intermediate_size=32, num_layers=1, in_channels=4, time_step_dim=4,
        vocab_size=len(words), pad_token_id=words.pad_token_id, rope_scaling={"long_factor": [1, 2], "short_factor": [1, 2]},
    )
    return diffusers.OmniGenPipeline(
        transformer=transformer, scheduler=diffusers.FlowMatchEulerDiscreteScheduler(invert_sigmas=True, num_train_timesteps=1),
        vae=vae(latent=4, blocks=4), tokenizer=words,
    )


FAMILIES = {
    "instruct-pix2pix": instruct_pix2pix,
    "kontext": kontext,
    "qwen-edit": qwen_edit,
    "qwen-edit-plus": lambda: qwen_edit(diffusers.QwenImageEditPlusPipeline),
    "flux2-klein": flux2_klein,
    "flux2-klein-kv": lambda: flux2_klein(diffusers.Flux2KleinKVPipeline),
    "instruct-pix2pix-xl": instruct_pix2pix_xl,
    "dreamlite": lambda: dreamlite(diffusers.DreamLitePipeline),
    "dreamlite-mobile": lambda: dreamlite(diffusers.DreamLiteMobilePipeline),
    "flux2": flux2,
    "z-image-omni": z_image_omni,
    "omnigen": omnigen,
    "text-to-image": lambda: instruct_pix2pix(channels=4),
}


def build(folder: Path, family: str = "instruct-pix2pix", seed: int = 0) -> Path:
    # It takes parts from here.
    from tiny_large import FAMILIES as LARGE

    torch.manual_seed(seed)
    (FAMILIES | LARGE)[family]().save_pretrained(folder)
    return folder


if __name__ == "__main__":
    print(build(Path(sys.argv[1]), *sys.argv[2:3]))
