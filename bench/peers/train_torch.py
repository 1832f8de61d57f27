"""The network and the PPO step of plugins/trainer-onnx in PyTorch, as fast as it is usually written.

Reads one JSON object a line: first the sizes, then {"do": "train" | "sample", "repeats": n}; answers each with a line
{"ms": [...], "cpu": [...]}: milliseconds of each repeat, and of the processor. Fused attention (scaled_dot_product_attention) and the fused Adam are on.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F
from torch import nn


class Block(nn.Module):
    def __init__(self, width, heads, hidden):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.merge = nn.Linear(width, width, bias=False)
        self.up = nn.Linear(width, hidden)
        self.down = nn.Linear(hidden, width)

    def split(self, x):
        batch, length, width = x.shape
        parts = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4)
        return parts.unbind(0)

    def finish(self, stream, attended):
        batch, heads, length, size = attended.shape
        stream = stream + self.merge(attended.transpose(1, 2).reshape(batch, length, heads * size))
        return stream + self.down(F.silu(self.up(norm(stream))))


def norm(x):
    return F.layer_norm(x, x.shape[-1:])


class Policy(nn.Module):
    def __init__(self, c):
        super().__init__()
        w = c["width"]
        self.patch_in = nn.Linear(c["patchLength"], c["patchHidden"])
        self.patch_out = nn.Linear(c["patchHidden"], w)
        self.patch_position = nn.Parameter(0.3 * torch.randn(c["patches"], w))
        self.token = nn.Embedding(c["vocabulary"], w)
        self.prompt_position = nn.Parameter(0.1 * torch.randn(c["maxPrompt"], w))
        self.plan_position = nn.Parameter(0.1 * torch.randn(c["maxPlan"], w))
        self.blocks = nn.ModuleList(Block(w, c["heads"], c["hidden"]) for _ in range(c["layers"]))
        self.head = nn.Linear(w, c["emittable"], bias=False)
        self.value_in = nn.Linear(w, c["valueHidden"])
        self.value_out = nn.Linear(c["valueHidden"], 1)

    def prefix(self, patches, prompt):
        pixels = patches.float() * (1 / 127.5) - 1
        seen = self.patch_out(F.silu(self.patch_in(pixels))) + self.patch_position
        words = self.token(prompt) + self.prompt_position[: prompt.shape[1]]
        return torch.cat([seen, words], 1)

    def value(self, x):
        return self.value_out(F.silu(self.value_in(x))).squeeze(-1)

    def forward(self, patches, prompt, plan, mask):
        prefix = patches.shape[1] + prompt.shape[1]
        tokens = self.token(plan) + self.plan_position[: plan.shape[1]]
        stream = torch.cat([self.prefix(patches, prompt), tokens], 1)
        last = len(self.blocks) - 1
        for i, block in enumerate(self.blocks):
            q, k, v = block.split(norm(stream))
            if i < last:
                stream = block.finish(stream, F.scaled_dot_product_attention(q, k, v, attn_mask=mask))
            else:  # Nothing reads the prefix after the last block.
                attended = F.scaled_dot_product_attention(q[:, :, prefix:], k, v, attn_mask=mask[..., prefix:, :])
                stream = block.finish(stream[:, prefix:], attended)
        return norm(stream)

    @torch.inference_mode()
    def sample(self, patches, prompt, uniforms, start):
        stream = self.prefix(patches, prompt)
        batch, length, _ = stream.shape
        steps = uniforms.shape[0]
        caches = []
        for block in self.blocks:
            q, k, v = block.split(norm(stream))
            stream = block.finish(stream, F.scaled_dot_product_attention(q, k, v))
            keys = k.new_empty(batch, k.shape[1], length + steps, k.shape[3])
            values = torch.empty_like(keys)
            keys[:, :, :length] = k
            values[:, :, :length] = v
            caches.append((keys, values))
        token = torch.full((batch,), start)
        tokens, log_probs, value_list = [], [], []
        for t in range(steps):
            x = (self.token(token) + self.plan_position[t]).unsqueeze(1)
            end = length + t + 1
            for block, (keys, values) in zip(self.blocks, caches):
                q, k, v = block.split(norm(x))
                keys[:, :, end - 1 : end] = k
                values[:, :, end - 1 : end] = v
                x = block.finish(x, F.scaled_dot_product_attention(q, keys[:, :, :end], values[:, :, :end]))
            x = norm(x).squeeze(1)
            log_p = F.log_softmax(self.head(x), -1)
            below = (log_p.exp().cumsum(-1) <= uniforms[t].unsqueeze(1)).sum(-1)
            token = below.clamp_max(log_p.shape[-1] - 1)
            tokens.append(token)
            log_probs.append(log_p.gather(1, token.unsqueeze(1)).squeeze(1))
            value_list.append(self.value(x))
        return torch.stack(tokens), torch.stack(log_probs), torch.stack(value_list)


class Bench:
    def __init__(self, c):
        torch.manual_seed(1)
        torch.set_num_threads(c["threads"])
        self.c = c
        b, t = c["batch"], c["planTokens"]
        self.policy = Policy(c)
        self.adam = torch.optim.Adam(self.policy.parameters(), lr=1e-6, eps=1e-5, fused=True)
        self.patches = torch.randint(0, 256, (b, c["patches"], c["patchLength"]), dtype=torch.uint8)
        self.prompt = torch.randint(0, c["emittable"], (b, c["promptTokens"]))
        self.actions = torch.randint(0, c["emittable"], (b, t))
        self.start = c["vocabulary"] - 1
        self.plan = torch.cat([torch.full((b, 1), self.start), self.actions[:, :-1]], 1)
        prefix = c["patches"] + c["promptTokens"]
        length = prefix + t
        visible = torch.ones(length, length, dtype=torch.bool).tril()
        visible[:, :prefix] = True
        self.mask = torch.zeros(1, 1, length, length).masked_fill(~visible, float("-inf"))
        self.uniforms = torch.rand(t, b)
        self.old = torch.full((b, t), -6.0)
        self.advantages = torch.randn(b, t)
        self.returns = torch.randn(b, t)
        self.old_values = torch.zeros(b, t)

    def train(self):
        x = self.policy(self.patches, self.prompt, self.plan, self.mask)
        log_p = F.log_softmax(self.policy.head(x), -1)
        new = log_p.gather(2, self.actions.unsqueeze(2)).squeeze(2)
        entropy = -(log_p.exp() * log_p).sum(-1).mean()
        ratio = (new - self.old).clamp(-20, 20).exp()
        bad = torch.max(-self.advantages * ratio, -self.advantages * ratio.clamp(0.8, 1.28))
        policy_loss = torch.where(self.advantages < 0, torch.min(bad, -3 * self.advantages), bad).mean()
        values = self.policy.value(x)
        held = self.old_values + (values - self.old_values).clamp(-0.2, 0.2)
        value_loss = 0.5 * torch.max((values - self.returns) ** 2, (held - self.returns) ** 2).mean()
        loss = policy_loss + 0.5 * value_loss - 0.01 * entropy
        self.adam.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.policy.parameters(), 1.0)
        self.adam.step()

    def sample(self):
        self.policy.sample(self.patches, self.prompt, self.uniforms, self.start)


def main():
    bench = Bench(json.loads(sys.stdin.readline()))
    print(json.dumps({"torch": torch.__version__}), flush=True)
    for line in sys.stdin:
        request = json.loads(line)
        work = {"train": bench.train, "sample": bench.sample}[request["do"]]
        times, cpu = [], []
        for _ in range(request["repeats"]):
            start, before = time.perf_counter(), time.process_time()
            work()
            times.append(1000 * (time.perf_counter() - start))
            cpu.append(1000 * (time.process_time() - before))
        print(json.dumps({"ms": times, "cpu": cpu}), flush=True)


if __name__ == "__main__":
    main()
