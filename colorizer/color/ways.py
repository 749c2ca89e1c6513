"""The cheapest ways over a photo's superpixels: dear is what crosses an edge.

An edge is a step of lightness, or a step of what our network sees there: where one thing ends and the next,
as light, begins.
"""

from dataclasses import dataclass

import numpy as np

from colorizer.color.superpixels import Superpixels

STEP_COST = 0.02  # of going from any piece to its neighbour
EDGE = 20.0  # a step of this many L* costs 1
FAR = np.float32(1e9)


@dataclass(frozen=True)
class Ways:
    """neighbours, costs: int64 and float32 (pieces, most neighbours): where one can go from each piece, and
    what the step costs; rows are filled up with the piece itself at cost FAR."""

    neighbours: np.ndarray
    costs: np.ndarray

    def cheapest(self, starts: np.ndarray) -> np.ndarray:
        """Return what the cheapest way from each start to every piece costs, float32 (pieces, starts).

        starts: int64 (starts,), labels of pieces. All prices are lowered together until none falls any more
        (Bellman 1958): the pieces are few, so that a few dozen passes over all are quicker than a queue.
        """
        prices = np.full((len(starts), len(self.costs)), FAR)
        prices[np.arange(len(starts)), starts] = 0
        before = np.zeros_like(prices)
        while not np.array_equal(prices, before):
            before = prices.copy()
            for neighbours, costs in zip(self.neighbours.T, self.costs.T, strict=True):
                np.minimum(prices, prices[:, neighbours] + costs, out=prices)
        return prices.T


def find_ways(pieces: Superpixels, lightness: np.ndarray, traits: np.ndarray) -> Ways:
    """Return the ways between pieces.

    lightness: L* of each, float32 (pieces,). traits: what is seen in each, float32 (pieces, n), of length 1.
    """
    here, there = pieces.neighbours()
    costs = STEP_COST + ((lightness[here] - lightness[there]) / EDGE) ** 2
    costs += np.square(traits[here] - traits[there]).sum(axis=1)
    degrees = np.bincount(here, minlength=len(lightness))
    place = np.arange(here.size) - np.repeat(np.cumsum(degrees) - degrees, degrees)
    neighbours = np.repeat(np.arange(len(lightness))[:, np.newaxis], degrees.max(initial=1), axis=1)
    prices = np.full(neighbours.shape, FAR)
    neighbours[here, place], prices[here, place] = there, costs
    return Ways(neighbours, prices)
