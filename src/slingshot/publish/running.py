"""How to run what is published, in the programs that people have."""

from slingshot.models.base_model import TEMPLATE_FILE, WHEEL
from slingshot.publish.contents import WEIGHTS, Material
from slingshot.publish.markdown import code_block

_QUESTION = "Write a Julia function that adds two numbers."


def running_section(material: Material) -> str:
    """Commands and programs for every part that is published."""
    sections = []
    if material.gguf:
        sections += [_llama_cpp(material), _ollama(material), _lm_studio(material), _client(material)]
    if f"adapter/{WEIGHTS}" in material.files:
        sections.append(_peft(material))
    if "merged/config.json" in material.files:
        sections.append(_transformers("the whole model" if material.run.in_full else "the merged model"))
    return "\n\n".join(sections)


def _drawn(material: Material) -> dict[str, object]:
    """How answers were drawn, as far as it is known."""
    asked = material.run.inputs("ask").get("benchmark", {})
    return {key: asked[key] for key in ("temperature", "top_p", "max_tokens") if key in asked}


def _llama_cpp(material: Material) -> str:
    file, drawn = material.gguf[0].path.name, _drawn(material)
    names = {"temperature": "--temp", "top_p": "--top-p"}
    flags = " ".join(f"{flag} {drawn[key]}" for key, flag in names.items() if key in drawn)
    flags += " --top-k 0 --min-p 0" if drawn else ""
    commands = f"llama-server -m {file} --jinja --port 8080 {flags}\nllama-cli -m {file} --jinja {flags}"
    return "### llama.cpp\n\n" + code_block(commands, "sh")


def _ollama(material: Material) -> str:
    name = material.run.name.lower()
    commands = f"ollama create {name} -f Modelfile\nollama run {name}"
    return "### Ollama\n\nIn the folder of these files:\n\n" + code_block(commands, "sh")


def _lm_studio(material: Material) -> str:
    file = material.gguf[0].path.name
    return (
        "### LM Studio\n\n"
        + code_block(f"lms import {file}", "sh")
        + f"\n\nor put the file where LM Studio looks: `~/.lmstudio/models/OWNER/{material.run.name}/{file}`."
    )


def _client(material: Material) -> str:
    file, drawn = material.gguf[0].path.name, _drawn(material)
    given = "".join(f"    {key}={value},\n" for key, value in drawn.items())
    program = f"""
from openai import OpenAI

client = OpenAI(base_url="http://127.0.0.1:8080/v1", api_key="none")
answer = client.chat.completions.create(
    model="{material.gguf[0].path.stem}",
    messages=[{{"role": "user", "content": "{_QUESTION}"}}],
{given})
print(answer.choices[0].message.content)
"""
    command = code_block(f"slingshot serve {file} --port 8080", "sh")
    return f"### Python, from a server\n\n{command}\n\n{code_block(program, 'python')}"


def _peft(material: Material) -> str:
    base = material.base
    prepared = base.loaded_as.startswith(WHEEL) or base.loaded_as.endswith(".gguf")
    lines = ["from peft import PeftModel", "from transformers import AutoModelForCausalLM, AutoTokenizer"]
    if prepared:
        lines += ["", "from slingshot.models.base_model import prepare_base_model"]
    loaded = f'prepare_base_model("{base.loaded_as}")' if prepared else f'"{base.loaded_as}"'
    known = base.hub_id or base.loaded_as.startswith(WHEEL)
    remark = "" if known else "  # on the machine that trained: put its path on yours here"
    lines += [
        "",
        f"base = {loaded}{remark}",
        'model = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base), "adapter")',
        "tokenizer = AutoTokenizer.from_pretrained(base)",
    ]
    if f"adapter/{TEMPLATE_FILE}" in material.files:
        lines.append(f'tokenizer.chat_template = open("adapter/{TEMPLATE_FILE}").read()')
    return "### Python, the adapter\n\n" + code_block("\n".join(lines) + _ANSWERING, "python")


def _transformers(what: str) -> str:
    lines = [
        "from transformers import AutoModelForCausalLM, AutoTokenizer",
        "",
        'model = AutoModelForCausalLM.from_pretrained("merged")',
        'tokenizer = AutoTokenizer.from_pretrained("merged")',
    ]
    return f"### Python, {what}\n\n" + code_block("\n".join(lines) + _ANSWERING, "python")


_ANSWERING = f"""
messages = [{{"role": "user", "content": "{_QUESTION}"}}]
prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True, return_tensors="pt")
answer = model.generate(**prompt, max_new_tokens=256)
print(tokenizer.decode(answer[0, prompt["input_ids"].shape[1] :], skip_special_tokens=True))
"""
