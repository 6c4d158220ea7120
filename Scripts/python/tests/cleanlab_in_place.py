"""A pytest plugin: masklint's functions take the place of cleanlab.segmentation's before tests import them."""
import cleanlab.segmentation.filter
import cleanlab.segmentation.rank
import cleanlab.segmentation.summary

import masklint

for module in (cleanlab.segmentation.filter, cleanlab.segmentation.rank, cleanlab.segmentation.summary):
    for name in masklint.__all__:
        if callable(getattr(module, name, None)):
            setattr(module, name, getattr(masklint, name))
