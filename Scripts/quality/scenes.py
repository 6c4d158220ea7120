"""Draws scenes: true labels, and the probabilities of a model that errs as models do.

The errors of the model lie together in space and have causes: borders are blurred and bent, whole objects and patches are
taken for a look-alike class, small objects are missed, some are seen where there are none, and each image favours some
classes. Logits are rounded to 1/64 and probabilities to float16, so that the last bits of a machine's arithmetic do not
show. Needs numpy and scipy.
"""
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

SEED = 20261201
VOID = 255
HEIGHT, WIDTH = 144, 192


@dataclass(frozen=True)
class Scene:
    """What is drawn: `stuff` classes that fill the image, and after them `things`, classes of objects."""
    name: str
    stuff: int
    things: int
    objects: float = 14         # a mean for each image
    layers: float = 3           # how firmly a class of stuff keeps to its height in the image
    sharpness: float = 1        # what logits are multiplied by: above 1 the model is overconfident

    @property
    def classes(self):
        return self.stuff + self.things


SCENES = (
    Scene("many classes", 5, 7),
    Scene("two classes", 1, 1, objects=10),
    Scene("unbalanced", 2, 6, objects=5, layers=0.5),
    Scene("overconfident", 5, 7, sharpness=2.5),
    Scene("underconfident", 5, 7, sharpness=0.4),
)


def field(rng, planes, sigma):
    """Smooth noise (planes,H,W), each plane with mean 0 and deviation 1."""
    noise = ndimage.gaussian_filter(rng.standard_normal((planes, HEIGHT, WIDTH)), (0, sigma, sigma))
    noise -= noise.mean((1, 2), keepdims=True)
    return noise / noise.std((1, 2), keepdims=True)


def look_alikes(scene):
    """The class that each is taken for: neighbours in pairs, stuff for stuff and things for things where possible."""
    alike = np.arange(scene.classes)
    for first, count in ((0, scene.stuff), (scene.stuff, scene.things)):
        alike[first:first + count] = first + (np.arange(count) ^ 1) % count
    lonely = alike == np.arange(scene.classes)
    alike[lonely] = (alike[lonely] + 1) % scene.classes
    return alike


def blob(rng, shape, smallest, largest):
    """A mask (H,W) of one object: an ellipse, a box or a pole with a rough outline."""
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    radius = np.exp(rng.uniform(np.log(smallest), np.log(largest)))
    tall = np.exp(rng.uniform(-0.5, 0.5)) * (2.5 if shape == 2 else 1)
    y = (rows - rng.uniform(0, HEIGHT)) / (radius * np.sqrt(tall))
    x = (columns - rng.uniform(0, WIDTH)) / (radius / np.sqrt(tall))
    distance = y * y + x * x if shape == 0 else np.maximum(abs(y), abs(x)) ** 2
    return distance < 1 + 0.25 * field(rng, 1, 3)[0]


def draw_truth(rng, scene):
    """True classes (H,W), the stuff behind the objects (H,W), and the visible mask of each object."""
    rows = np.linspace(-1, 1, HEIGHT)[:, None]
    height = np.linspace(-0.9, 0.9, scene.stuff) if scene.stuff > 1 else np.zeros(1)
    behind = (0.8 * field(rng, scene.stuff, 18) - scene.layers * (rows - height[:, None, None]) ** 2).argmax(0)
    if scene.layers < 1:        # one class of stuff all but fills the image
        behind[field(rng, 1, 18)[0] < 1.2] = 0
    truth, owner = behind.copy(), np.full(behind.shape, -1)
    often = 1 / np.arange(1, scene.things + 1)
    count = rng.poisson(scene.objects)
    for number in range(count):
        thing = rng.choice(scene.things, p=often / often.sum())
        mask = blob(rng, thing % 3, 3, 22)
        truth[mask], owner[mask] = scene.stuff + thing, number
    objects = [owner == number for number in range(count)]
    return truth, behind, [mask for mask in objects if mask.any()]


def draw_probabilities(rng, scene, truth, behind, objects):
    """What the model says, float16 (K,H,W)."""
    classes, alike = scene.classes, look_alikes(scene)
    seen = (truth == np.arange(classes)[:, None, None]).astype(float)

    def take_for(mask, other, strength):
        seen[:, mask] *= 1 - strength
        seen[other, mask] += strength

    for mask in objects:
        size, luck, strength = np.sqrt(mask.sum()), rng.random(), rng.uniform(0.4, 1)
        own = truth[mask][0]
        if luck < 0.8 / (1 + np.exp((size - 6) / 1.5)):
            seen[:, mask] *= 1 - strength
            np.add.at(seen, (behind[mask], *np.nonzero(mask)), strength)
        elif rng.random() < 0.1:
            take_for(mask, alike[own], strength)
        elif rng.random() < 0.1:
            take_for(mask & (field(rng, 1, 8)[0] > 0), alike[own], strength)
    for _ in range(rng.poisson(2)):
        take_for(blob(rng, 0, 2, 7), rng.integers(scene.stuff, classes), rng.uniform(0.3, 0.9))
    for own in range(classes):
        patch = (truth == own) & (field(rng, 1, 10)[0] > 1.4)
        take_for(patch, alike[own], rng.uniform(0.2, 0.9))

    bend = np.mgrid[0:HEIGHT, 0:WIDTH] + 1.3 * field(rng, 2, 8)
    blur = rng.uniform(1, 2)
    seen = np.array([ndimage.gaussian_filter(ndimage.map_coordinates(plane, bend, order=1, mode="nearest"), blur) for plane in seen])
    logits = 7 * seen + 1.5 * seen[alike] + 0.9 * field(rng, classes, 5) + 0.3 * field(rng, classes, 1.5)
    logits += rng.normal(0, 0.4, (classes, 1, 1))
    logits = np.rint(logits * scene.sharpness * np.exp(rng.normal(0, 0.15)) * 64) / 64
    p = np.exp(logits - logits.max(0))
    return (p / p.sum(0)).astype(np.float16)


def draw(scene, images):
    """Labels uint8 (N,H,W), parts of the borders void, and probabilities float16 (N,K,H,W)."""
    labels = np.empty((images, HEIGHT, WIDTH), np.uint8)
    probabilities = np.empty((images, scene.classes, HEIGHT, WIDTH), np.float16)
    for i in range(images):
        rng = np.random.default_rng((SEED, *scene.name.encode(), i))
        truth, behind, objects = draw_truth(rng, scene)
        probabilities[i] = draw_probabilities(rng, scene, truth, behind, objects)
        border = ndimage.maximum_filter(truth, 3) != ndimage.minimum_filter(truth, 3)
        labels[i] = np.where(border & (field(rng, 1, 12)[0] > 0.7), VOID, truth)
    return labels, probabilities
