#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Train the demo's network and write weights.bin.

    apt install python3-torch python3-skimage python3-sklearn python3-pil
    ./train.py weights.bin

The network doubles the size of the luma of a photograph.  Four convolutions;
the first three end in a ReLU and give unsigned 8-bit feature maps, the last
gives the signed difference from bicubic interpolation for each of the four
output pixels.  It is trained on photographs that Debian's python3-skimage and
python3-sklearn carry (public domain, CC0, CC BY 2.0); the demo's test
photographs are not among them.

Training ends with a phase in which weights and maps are quantised to 8 bits.  The
network never sees the codec: what compression costs is not trained away.

Takes about 15 minutes on one core.  Another version of torch gives other weights.
"""

import argparse
import struct

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

SKIMAGE = "/usr/lib/python3/dist-packages/skimage/data/"
SKLEARN = "/usr/lib/python3/dist-packages/sklearn/datasets/images/"
PHOTOGRAPHS = (
    [SKIMAGE + n for n in ("astronaut.png", "rocket.jpg", "camera.png", "brick.png",
                           "grass.png", "gravel.png", "moon.png", "hubble_deep_field.jpg")] +
    [SKLEARN + n for n in ("china.jpg", "flower.jpg")])

CHANNELS = (1, 32, 32, 32, 4)
KERNELS = (5, 3, 3, 3)


def load_photographs():
    """Luma of each photograph, 0..1, halved once so that noise of the film is gone."""
    lumas = []
    for path in PHOTOGRAPHS:
        image = Image.open(path).convert("RGB")
        image = image.resize((image.width // 4 * 2, image.height // 4 * 2), Image.BOX) \
            if min(image.size) > 900 else image
        y = np.asarray(image.convert("YCbCr"))[..., 0].astype(np.float32) / 255
        h, w = y.shape[0] // 2 * 2, y.shape[1] // 2 * 2
        lumas.append(torch.from_numpy(y[:h, :w].copy()))
    return lumas


def halve(hr):
    """The low-resolution image: means of 2x2 pixels, in steps of 1/255."""
    return torch.floor(F.avg_pool2d(hr, 2) * 255 + 0.5) / 255


def bicubic(lr):
    """Keys' cubic with a = -1/2 at a quarter pixel: what superres.c does."""
    near = torch.tensor([-9, 111, 29, -3], dtype=torch.float32) / 128
    for dim in (2, 3):
        pad = (2, 2, 0, 0) if dim == 3 else (0, 0, 2, 2)
        p = F.pad(lr, pad, mode="replicate")
        n = lr.shape[dim]
        cut = [p.narrow(dim, i, n) for i in range(5)]
        before = sum(cut[3 - i] * near[i] for i in range(4))
        after = sum(cut[1 + i] * near[i] for i in range(4))
        lr = torch.stack([before, after], dim + 1).flatten(dim, dim + 1)
    return lr


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = torch.nn.ModuleList(
            torch.nn.Conv2d(CHANNELS[i], CHANNELS[i + 1], k, padding=k // 2,
                            padding_mode="replicate") for i, k in enumerate(KERNELS))
        torch.nn.init.zeros_(self.conv[-1].weight)
        self.scale = [None] * len(KERNELS)      # of each map: value = scale * integer

    def forward(self, x, quantise=False):
        for i, conv in enumerate(self.conv):
            last = i == len(self.conv) - 1
            if quantise:
                # straight through: rounding has no gradient of its own
                step = conv.weight.detach().abs().amax((1, 2, 3), keepdim=True) / 127
                weight = torch.round(conv.weight / step) * step
                weight = conv.weight + (weight - conv.weight).detach()
            else:
                weight = conv.weight
            pad = [conv.kernel_size[0] // 2] * 4
            x = F.conv2d(F.pad(x, pad, mode="replicate"), weight, conv.bias)
            if not last:
                x = F.relu(x)
            if quantise:
                low, high = (-128, 127) if last else (0, 255)
                q = torch.clamp(torch.round(x / self.scale[i]), low, high)
                clipped = torch.clamp(x, low * self.scale[i], high * self.scale[i])
                x = clipped + (q * self.scale[i] - clipped).detach()
        return x


def upscale(net, lr, **how):
    return bicubic(lr) + F.pixel_shuffle(net(lr, **how), 2)


def batch(lumas, rng, count=16, size=96):
    out = []
    for _ in range(count):
        y = lumas[rng.integers(len(lumas))]
        top, left = (int(rng.integers(s - size + 1)) // 2 * 2 for s in y.shape)
        patch = y[top:top + size, left:left + size]
        patch = torch.rot90(patch, int(rng.integers(4)))
        out.append(patch.flip(0) if rng.integers(2) else patch)
    return torch.stack(out)[:, None]


def calibrate(net, lumas, rng):
    """Scales that cut off one value in 10,000 of a map."""
    with torch.no_grad():
        x = halve(batch(lumas, rng, 64))
        for i, conv in enumerate(net.conv):
            x = conv(x)
            last = i == len(net.conv) - 1
            x = x if last else F.relu(x)
            top = np.quantile(x.abs().numpy().ravel()[::7], 0.9999)
            net.scale[i] = float(top) / (127 if last else 255)


def train(net, lumas, rng, steps, rate, **how):
    optimiser = torch.optim.Adam(net.parameters(), lr=rate)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    total = 0.0
    for step in range(steps):
        hr = batch(lumas, rng)
        loss = F.l1_loss(upscale(net, halve(hr), **how), hr)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        schedule.step()
        total += float(loss)
        if step % 250 == 249:
            print(f"step {step + 1}: mean error {total / 250 * 255:.3f}", flush=True)
            total = 0.0


def fixed_point(real):
    """real = multiplier / 2^shift with a multiplier of 31 bits"""
    mantissa, exponent = np.frexp(real)
    return int(round(mantissa * (1 << 30))), int(30 - exponent)


def write(net, path):
    with open(path, "wb") as f:
        f.write(b"ASCSR\0\0\1")
        f.write(struct.pack("<II", len(net.conv), int(round(net.scale[-1] * 255 * 65536))))
        scale_in = 1 / 255
        for i, conv in enumerate(net.conv):
            w = conv.weight.detach().numpy()
            step = np.abs(w).max((1, 2, 3)) / 127
            q = np.clip(np.round(w / step[:, None, None, None]), -127, 127).astype(np.int8)
            bias = np.round(conv.bias.detach().numpy() / (step * scale_in)).astype("<i4")
            scaled = [fixed_point(s * scale_in / net.scale[i]) for s in step]
            f.write(struct.pack("<III", w.shape[1], w.shape[0], w.shape[2]))
            f.write(bias.tobytes())
            f.write(np.array([m for m, _ in scaled], "<i4").tobytes())
            f.write(np.array([s for _, s in scaled], "<i4").tobytes())
            f.write(q.tobytes())
            scale_in = net.scale[i]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("output")
    parser.add_argument("--steps", type=int, default=6000)
    args = parser.parse_args()

    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    lumas = load_photographs()
    net = Net()
    train(net, lumas, rng, args.steps, 1e-3)
    calibrate(net, lumas, rng)
    train(net, lumas, rng, args.steps // 2, 3e-4, quantise=True)
    write(net, args.output)
    print(sum(p.numel() for p in net.parameters()), "parameters, scales", net.scale)


if __name__ == "__main__":
    main()
