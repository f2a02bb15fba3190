"""Rules that argue for Execute: hosted models that generate or answer (codebook, tie-break 18)."""

from __future__ import annotations

from typing import Final

from classifier.rules.rule import (
    Example,
    Rule,
    act,
    any_of,
    but_not,
    name_pattern,
    text,
    words_in_name,
)

STRING: Final = {"type": "string"}
_MEDIA: Final = r"\b(images?|pictures?|photos?|videos?|audio|music|songs?|speech|voices?|sounds?|sound effects?|logos?|avatars?|artwork|animations?|gif|3d|meme|clips?|podcast|narration|portrait|scene)\b"

MODELS: Final[tuple[Rule, ...]] = (
    Rule(
        id="generates-media",
        argues_for="Execute",
        title="Has an outside service generate or change media",
        rationale="A model elsewhere makes something new (worked example `text_to_speech`).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "generate",
                    "create",
                    "make",
                    "produce",
                    "transform",
                    "edit",
                    "convert",
                    "change",
                    "modify",
                    "clone",
                    "render",
                    "enhance",
                    "submit",
                    objects=_MEDIA,
                ),
                name_pattern(
                    r"\btext to (speech|voice|image|video|music|sound|audio)\b|\bimage to (video|image)\b|\bspeech to speech\b|\b(generate|create|edit) (\w+ )?(image|video|music|speech|audio|song|picture|voice)s?\b|\b(image|video|music|audio|speech) (generation|generate|gen|edit|upscale)\b|\b(tts|imagine|inpaint|outpaint|upscale|face swap|lipsync|dub|voice clone|remove background)\b|\b(stability|midjourney|dalle|dall e|flux) (\w+ )*(imagine|blend|generate|control|search|replace|recolor|sketch|style|structure|variation|upscale|create)\b"
                ),
                text(
                    r"\b(generates?|creates?|edits?) (an? |new |high-quality |ai )*(image|picture|video|music|speech|song|audio)s? (from|using|with|based|of)\b[^.]{0,80}\b(prompt|text|ai|model|dall|flux|stable diffusion|gpt|gemini|imagen|description|lyrics)\b"
                ),
            ),
            text(
                r"\b(chart|plot|graph|diagram|qr ?code|mermaid|barcode|svg|placeholder|screenshot|playlist|clip in|track in|thumbnail url|matplotlib|plantuml|latex|base64|html)\b"
            ),
            words_in_name(
                "get",
                "list",
                "chart",
                "diagram",
                "qr",
                "qrcode",
                "plot",
                "graph",
                "mermaid",
                "barcode",
                "playlist",
                "track",
                "clip",
                "url",
                "search",
                "insert",
                "upload",
                "figma",
                "canvas",
                "slide",
                "screenshot",
                "base64",
                "file",
                "transcribe",
            ),
        ),
        positive=(
            Example("text_to_speech", "Turn text into speech."),
            Example("generate_image", "Generate an image from a prompt."),
        ),
        negative=(
            Example("create_chart", "Create a chart image."),
            Example("list_videos", "List the videos of a channel."),
        ),
    ),
    Rule(
        id="asks-a-model",
        argues_for="Execute",
        title="Chats with or generates by a hosted model",
        rationale="A model elsewhere is driven and answers freely (rule 18).",
        since="1",
        matcher=but_not(
            any_of(
                act(
                    "ask",
                    "chat",
                    "prompt",
                    "converse",
                    "talk",
                    "sample",
                    "query",
                    "consult",
                    "send",
                    "call",
                    objects=r"\b(gemini|gpt\w*|claude|llm|llms|openai|deepseek|model|models|perplexity|grok|qwen|kimi|ai|assistant|agent|agents|ollama|mistral|question to|prompt|sonar|codex)\b",
                ),
                name_pattern(
                    r"\b(chat completion|chat with|ask (gemini|gpt|claude|openai|llm|perplexity|grok|model|ai|agent|codex|deepseek|\w+ model)|(gemini|openai|gpt|claude|deepseek|grok|perplexity|qwen|ollama|llm|mistral) (ask|chat|query|generate|reason|prompt|brainstorm|complete|completion)|generate (text|content|code|completion)|sample llm|chat|brainstorm)\b|\b(chatgpt|qwen|kimi|midjourney|grok|cort|llama|codex|claude code)\b|\b(text|chat) completion\b"
                ),
                text(
                    r"\b(gpt-?[345o]\w*|claude|gemini|llms?|language models?|deepseek|openai'?s? \w*|ollama|mistral|grok)\b",
                    unless=r"\b(documentation|docs|schema|tool schema|for (the )?llms?|supported|available|list|lists|configured|fetch|pricing|llm-(friendly|ready|optimi[sz]ed)|llms?\.txt|clients?|instructions?)\b",
                    lead=True,
                ),
            ),
            text(
                r"\b(retriev|search(es)?|transcri|describe|translate|analy[sz]|summar|classif|ocr|extract|embed|documentation|list|lists)\w*\b",
                lead=True,
            ),
            words_in_name(
                "get",
                "list",
                "search",
                "read",
                "fetch",
                "docs",
                "wiki",
                "models",
                "user",
                "create",
                "update",
                "delete",
                "question",
                "chats",
                "labels",
                "history",
                "validate",
                "key",
                "evaluate",
                "save",
                "upload",
                "revise",
                "message",
            ),
        ),
        positive=(Example("ask_gemini", "Ask the Gemini model."), Example("chat", "Chat with an LLM.")),
        negative=(
            Example("list_models", "List the models."),
            Example("ask_user", "Ask the user a question."),
        ),
    ),
)
