"""Forty strings that run code where a page takes a text for markup, a link, a formula or a script.

Each sets ``window.hacked`` if it runs. They come as texts, labels of classes, names of files and entries of a
model's vocabulary.
"""

from pathlib import Path

import transformers

from tests.tiny_models import FAMILIES, SIZES, build_model

RUN = "window.hacked=1"
STRINGS = (
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<SCRIPT>{RUN}</SCRIPT>",
    f"<script\n>{RUN}</script >",
    f"<!--><script>{RUN}</script>",
    f"--><script>{RUN}</script><!--",
    f"<![CDATA[<script>{RUN}</script>]]>",
    f"</title><script>{RUN}</script>",
    f"</textarea><script>{RUN}</script>",
    f"</style><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f'"><img src=x onerror={RUN}>',
    f"'><img src=x onerror={RUN}>",
    f"`><img src=x onerror={RUN}>",
    "<img src=x:x onerror=&#119;indow.hacked=1>",
    f"<image href=x onerror={RUN}>",
    f"<svg onload={RUN}>",
    f"<svg/onload={RUN}//",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<body onload={RUN}>",
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f"<iframe src=javascript:parent.{RUN}></iframe>",
    f"<object data=javascript:{RUN}></object>",
    f"<details open ontoggle={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<input autofocus onfocus={RUN}>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={RUN}></style></mglyph></table></mtext></math>",
    f"<a href=javascript:{RUN} autofocus onfocus={RUN}>x</a>",
    f"[x](javascript:{RUN})",
    f"![x](x:x onerror={RUN})",
    f"\\u003cimg src=x onerror={RUN}\\u003e",
    f"&lt;img src=x onerror={RUN}&gt;",
    f"${{{RUN}}}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"';{RUN};//",
    f'";{RUN};//',
    f"\\';{RUN};//",
    f"$\\href{{javascript:{RUN}}}{{x}}$",
    f"\u202e<img src=x onerror={RUN}>\u202c",
)
# Texts that are no attack: from right to left, turned around, without blanks, of several code points a sign.
SCRIPTS = (
    "\u05e9\u05dc\u05d5\u05dd \u0639\u0627\u0644\u0645",
    "\u202eturned around\u202c \u200fhere",
    "\u65e5\u672c\u8a9e\u306e\u6587\u3002",
    "\U0001f469\u200d\U0001f469\u200d\U0001f467 \U0001f642 e\u0301",
)


def one_line(text: str) -> str:
    """For files and boxes of one text a line."""
    return text.replace("\n", " ")


def build_hostile(folder: Path, auto_class: str = "AutoModelForSequenceClassification") -> Path:
    """A tiny model whose vocabulary, and whose labels where it is a classifier, are these strings."""
    recipe = FAMILIES["bert"]
    tokenizer = recipe.tokenizer()
    tokenizer.add_tokens([text.strip() for text in STRINGS])
    names = dict(enumerate(STRINGS))
    values = SIZES | {"vocab_size": len(tokenizer), "id2label": names, "max_position_embeddings": 512}
    values["label2id"] = {name: i for i, name in names.items()}
    config = transformers.AutoConfig.for_model("bert", **values)
    build_model(config, auto_class).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
