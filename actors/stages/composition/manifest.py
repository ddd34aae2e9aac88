"""The film's manifest: every input, digest, model, prompt and cost, in one file beside the film."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actors.work.stage import Inputs
from domain.asset import Asset, AssetKey
from domain.film_graph import written_script
from domain.job import Job
from domain.script import Kind

_UNTOLD = frozenset({"scenes", "removed", "parts"})
"""What is known of a document's insides: the document itself tells it."""


def manifest_of(job: Job, assets: Mapping[AssetKey, Asset], now: datetime, inputs: Inputs) -> str:
    """The manifest as JSON. It lists everything but itself; prompts are told in full."""
    listed = {key: asset for key, asset in assets.items() if key.kind is not Kind.MANIFEST}
    document: dict[str, Any] = {
        "reelog": 1,
        "job_id": str(job.id),
        "run": job.run,
        "made_at": now.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "provider": job.provider,
        "ai_generated": True,
        "script": written_script(assets) or job.script,
        "translated_from": job.given.translated_from,
        "topic": job.given.topic.model_dump() if job.given.topic else None,
        "language": job.language,
        "models": job.models,
        "options": job.options.model_dump(),
        "cost": {
            "usd": round(sum(asset.spent_usd for asset in listed.values()), 6),
            "requests": sum(asset.requests for asset in listed.values()),
            "tokens": sum(asset.tokens for asset in listed.values()),
            "unpriced": sum(asset.unpriced for asset in listed.values()),
            "lost_calls": sum(asset.lost_calls for asset in listed.values()),
        },
        "assets": [_entry(asset, inputs) for asset in listed.values()],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _entry(asset: Asset, inputs: Inputs) -> dict[str, Any]:
    product = asset.product
    prompt = asset.recipe.prompt_digest
    return {
        "name": asset.key.name,
        "id": str(asset.id),
        "revision": asset.revision,
        "digest": product.digest if product else None,
        "media_type": product.media_type if product else None,
        "bytes": product.bytes if product else None,
        "facts": {k: v for k, v in product.facts.items() if k not in _UNTOLD} if product else {},
        "reused": product.reused if product else False,
        "provided": product.provenance if product and product.provided else None,
        "model": asset.recipe.model,
        "model_version": product.provenance.get("model_version") if product else None,
        "response_id": product.provenance.get("response_id") if product else None,
        "prompt_version": asset.recipe.prompt_version,
        "prompt_digest": prompt,
        "prompt": inputs.blob(prompt).decode() if prompt else None,
        "parameters": asset.recipe.parameters,
        "inputs": asset.inputs,
        "attempts": len(asset.attempts),
        "cost_usd": round(asset.spent_usd, 6),
    }
