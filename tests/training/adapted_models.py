"""Tiny models of several families with random weights, and adapters of all kinds beside them."""

import json
import warnings

import torch
from safetensors.torch import load_file, save_file


def write_base(folder, family, dtype=torch.float32, shard_size="1GB", **changes):
    """A model of random weights, with files that stand for its tokenizer's."""
    import transformers

    torch.manual_seed(3)
    sizes = {"vocab_size": 48, "hidden_size": 32, "intermediate_size": 40, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 8}
    if family == "GPT2":
        sizes, heads = {"vocab_size": 48, "n_embd": 32, "n_layer": 2, "n_head": 4, "n_positions": 64}, {}
    config = getattr(transformers, f"{family}Config")(**{**sizes, **heads, **changes})
    kind = "GPT2LMHeadModel" if family == "GPT2" else f"{family}ForCausalLM"
    model = getattr(transformers, kind)(config).to(dtype)
    for weights in model.parameters():
        weights.data += 0.2 * torch.randn_like(weights)
    model.save_pretrained(folder, max_shard_size=shard_size)
    (folder / "tokenizer.json").write_text('{"a tokenizer":\t"of its own"}')
    return folder


def learned(base, **settings):
    """The base with an adapter beside it, as peft runs it, whose every tensor was learned."""
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM

    torch.manual_seed(4)
    lora = LoraConfig(**{"r": 4, "lora_alpha": 6, "task_type": "CAUSAL_LM", **settings})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = get_peft_model(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), lora)
    for weights in model.parameters():
        if weights.requires_grad:
            weights.data += 0.1 * torch.randn_like(weights)
    return model.eval()


def saved(model, folder):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model.save_pretrained(folder)
    return folder


def write_adapter(folder, base, **settings):
    return saved(learned(base, **settings), folder)


def adapted(base, adapter):
    """The base with an adapter that was saved beside it, as peft runs it."""
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32)
        return PeftModel.from_pretrained(model, adapter).eval()


def loaded(folder):
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder).eval()


def logits(model):
    with torch.no_grad():
        return model(input_ids=torch.arange(40)[None]).logits


def assert_merged_as_peft_does(model, out):
    """Every tensor is peft's, and the merged model says what base and adapter say."""
    said = logits(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = model.merge_and_unload().state_dict()
    found = loaded(out)
    torch.testing.assert_close(dict(found.state_dict()), dict(expected), rtol=0, atol=1e-6)
    torch.testing.assert_close(logits(found), said, rtol=1e-4, atol=1e-4)


def change_settings(adapter, **settings):
    path = adapter / "adapter_config.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | settings))


def change_tensors(adapter, change):
    path = adapter / "adapter_model.safetensors"
    save_file(change(load_file(path)), path, {"format": "pt"})
