/** Every bound of a message, in one place. Bytes unless the name says otherwise. */

/** The largest encoded message of a run. Larger bodies are refused at the sender, never cut silently. */
export const MESSAGE_BYTES_MAX = 256 * 1024;
/** Arrays and objects inside each other, in any message, question, timer or goal. The contract's own need seven, beside free arguments. */
export const NESTING_MAX = 32;
/** Objects, arrays, keys and single values of one message. The largest that may be, 4,096 timers, has 28,675. */
export const NODES_MAX = 65_536;
/** The largest goal payload that is read at all. */
export const GOAL_PAYLOAD_BYTES_MAX = 64 * 1024;
/** The longest time that a run may be given, in ms. */
export const DEADLINE_MS_MAX = 86_400_000;
/** How long after its deadline a message may wait for its answer, in ms: last answers of models and their redelivery. */
export const LATE_ANSWER_MS_MAX = 60_000;
/** Tokens and US dollars that a run may be given. */
export const TOKENS_MIN = 1_000;
export const TOKENS_MAX = 100_000_000;
export const USD_MAX = 100_000;
/** The longest goal text, in characters. */
export const GOAL_CHARS_MAX = 8_000;
/** The longest question to a model, encoded. */
export const QUESTION_BYTES_MAX = 512 * 1024;
/** The longest answer of a model, encoded: the message that it leads to holds it, and what was made of it. */
export const ANSWER_BYTES_MAX = 128 * 1024;
/** Turns of one question: 32 steps with eight calls each, their results, a complaint each, and room. */
export const TURNS_MAX = 512;
/** Tools offered with one question. */
export const TOOLS_PER_QUESTION_MAX = 64;
/** The JSON of one tool that is offered, in characters. */
export const TOOL_CHARS_MAX = 32_000;
/** Characters of a system prompt. */
export const SYSTEM_CHARS_MAX = 32_000;
/** How long a question may be open, at most. */
export const QUESTION_TIMEOUT_MS_MAX = 3_600_000;
/** Tokens of one answer, at most. */
export const OUTPUT_TOKENS_MAX = 1_000_000;
/** How deep JSON may nest that a model wrote, or that describes a tool. */
export const JSON_DEPTH_MAX = 32;
/** Objects, arrays and leaves of one such JSON value. */
export const JSON_NODES_MAX = 4_096;
/** The same of all calls of one question: a byte on the wire may become an object of fifty bytes in memory. */
export const QUESTION_NODES_MAX = 20_000;
/** Characters of the arguments of one call that a model asks for: a draft is one. */
export const CALL_CHARS_MAX = 64_000;
/** Blocks of one model answer that its provider wants back. */
export const ECHO_PARTS_MAX = 64;
/** Characters of their JSON: with the answer they stay below {@link ANSWER_BYTES_MAX}. */
export const ECHO_CHARS_MAX = 48_000;
/** How deep they may nest: they are carried inside an answer inside a message. */
export const ECHO_DEPTH_MAX = 16;
/** Text of one tool result that a model sees, in characters. */
export const TOOL_CONTENT_CHARS_MAX = 16_000;
/** Evidence passages of one tool result. */
export const EVIDENCE_MAX = 24;
/** Characters of one evidence passage. */
export const PASSAGE_CHARS_MAX = 1_200;
/** Characters of the executor's seal on a passage. */
export const SEAL_CHARS_MAX = 128;
/** Claims of one findings artifact. */
export const CLAIMS_MAX = 24;
/**
 * Bytes of all claims of one findings artifact as JSON, sources with their whole passages included. The sources of a
 * report come from the findings of all tasks: with its text they stay below {@link MESSAGE_BYTES_MAX}.
 */
export const FINDINGS_BYTES_MAX = 12 * 1024;
/** Bytes of all gaps of one findings artifact as JSON. */
export const GAPS_BYTES_MAX = 4 * 1024;
/** Bytes of all reasons of one critique as JSON. */
export const CRITIQUE_BYTES_MAX = 16 * 1024;
/** Bytes of the text of a draft or report as JSON: any script at its longest, but not as many escapes. */
export const REPORT_BYTES_MAX = 80 * 1024;
/** Bytes of the report and its list of sources, as they are handed out, as JSON. Goal and reason stand beside it. */
export const RESULT_BYTES_MAX = 190 * 1024;
/** Bytes of all inputs of one task as JSON. */
export const INPUTS_BYTES_MAX = 208 * 1024;
/** Characters of one claim. */
export const CLAIM_CHARS_MAX = 1_200;
/** Characters of a draft or report. */
export const REPORT_CHARS_MAX = 24_000;
/** The result as it is handed out: the report and its list of sources, in characters. */
export const RESULT_CHARS_MAX = 200_000;
/** Characters of instructions, reasons and explanations. */
export const TEXT_CHARS_MAX = 4_000;
/** Characters of the reason of a result. */
export const REASON_CHARS_MAX = 2_000;
/** Tasks that one plan may hold. */
export const PLAN_TASKS_MAX = 12;
/** Tool calls that one model answer may ask for. */
export const CALLS_PER_ANSWER_MAX = 8;
/** Characters of the JSON of one tool call's arguments. */
export const ARGUMENT_CHARS_MAX = 8_000;
/** Arrays and objects inside each other in a call's arguments: they are carried inside messages and questions. */
export const ARGUMENT_NESTING_MAX = 16;
/** Objects, arrays, keys and single values of a call's arguments. */
export const ARGUMENT_NODES_MAX = 1_000;
/** Sources of one report. */
export const SOURCES_MAX = CLAIMS_MAX * PLAN_TASKS_MAX;
/** Characters of what a model or a provider is quoted with in a reason. */
export const QUOTE_CHARS_MAX = 1_000;
