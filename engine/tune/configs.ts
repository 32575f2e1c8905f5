// Ready settings for each trainer: a LoRA on attention and MLP, loss on assistant turns only.
import type { Trainer, TuneMethod } from '@seatrial/protocol'

/** Where a trainer finds the unquantised base of a catalogue model. */
const bases: Record<string, string> = {
  'mistral-small-3.1': 'mistralai/Mistral-Small-3.1-24B-Instruct-2503',
  'mistral-small-3.2': 'mistralai/Mistral-Small-3.2-24B-Instruct-2506',
  'devstral-small-2': 'mistralai/Devstral-Small-2-24B-Instruct-2512',
  'ministral-3-3b': 'mistralai/Ministral-3-3B-Instruct-2512-BF16',
  'ministral-3-8b': 'mistralai/Ministral-3-8B-Instruct-2512-BF16',
  'ministral-3-14b': 'mistralai/Ministral-3-14B-Instruct-2512-BF16',
}
const modules = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj']
const rank = 16
const alpha = 32

interface Setting {
  base: string
  method: TuneMethod
  maxTokens: number
}
type Files = { path: string; text: string }[]

const configs: Record<Trainer, (setting: Setting) => Files> = {
  trl: ({ base, method, maxTokens }) => [
    {
      path: `trl/${method}.yaml`,
      text: lines([
        `# trl ${method} --config ${method}.yaml`,
        `model_name_or_path: ${base}`,
        `dataset_name: json`,
        `dataset_config: default`,
        `data_files: {train: ${method}.train.jsonl, test: ${method}.test.jsonl}`,
        ...(method === 'sft' ? ['assistant_only_loss: true', 'packing: false'] : ['beta: 0.1']),
        `max_length: ${maxTokens}`,
        'use_peft: true',
        `lora_r: ${rank}`,
        `lora_alpha: ${alpha}`,
        `lora_target_modules: [${modules.join(', ')}]`,
        `learning_rate: ${method === 'sft' ? '1.0e-4' : '5.0e-6'}`,
        'num_train_epochs: 2',
        'per_device_train_batch_size: 1',
        'gradient_accumulation_steps: 8',
        'gradient_checkpointing: true',
        'bf16: true',
        `output_dir: adapter-${method}`,
      ]),
    },
  ],
  axolotl: ({ base, method, maxTokens }) => [
    {
      path: `axolotl/${method}.yaml`,
      text: lines([
        `# axolotl train ${method}.yaml`,
        `base_model: ${base}`,
        ...(method === 'sft' ? [] : [`rl: ${method}`]),
        'datasets:',
        `  - path: ${method}.train.jsonl`,
        '    ds_type: json',
        `    type: ${method === 'sft' ? 'chat_template' : 'chat_template.default'}`,
        '    field_messages: messages',
        ...(method === 'sft'
          ? ['    roles_to_train: [assistant]', '    train_on_eos: turn']
          : ['    field_chosen: chosen', '    field_rejected: rejected']),
        `test_datasets:`,
        `  - path: ${method}.test.jsonl`,
        '    ds_type: json',
        `    type: ${method === 'sft' ? 'chat_template' : 'chat_template.default'}`,
        'adapter: lora',
        `lora_r: ${rank}`,
        `lora_alpha: ${alpha}`,
        `lora_target_modules: [${modules.join(', ')}]`,
        `sequence_len: ${maxTokens}`,
        `learning_rate: ${method === 'sft' ? '1.0e-4' : '5.0e-6'}`,
        'num_epochs: 2',
        'micro_batch_size: 1',
        'gradient_accumulation_steps: 8',
        'gradient_checkpointing: true',
        'bf16: auto',
        `output_dir: adapter-${method}`,
      ]),
    },
  ],
  unsloth: ({ base, method, maxTokens }) => [
    {
      path: `unsloth/${method}.py`,
      text: lines([
        `# python ${method}.py`,
        'from datasets import load_dataset',
        ...unslothTrainer[method],
        'from unsloth import FastLanguageModel',
        '',
        `model, tokenizer = FastLanguageModel.from_pretrained("${base}", max_seq_length=${maxTokens}, load_in_4bit=True)`,
        'model = FastLanguageModel.get_peft_model(',
        `    model, r=${rank}, lora_alpha=${alpha}, target_modules=[${modules.map((name) => `"${name}"`).join(', ')}],`,
        '    use_gradient_checkpointing="unsloth",',
        ')',
        `data = load_dataset("json", data_files={"train": "${method}.train.jsonl", "test": "${method}.test.jsonl"})`,
        ...unslothRun[method],
        'trainer.train()',
        `model.save_pretrained("adapter-${method}")`,
      ]),
    },
  ],
  openai: ({ base, method }) => [
    {
      path: `openai/${method}.json`,
      text: `${JSON.stringify(
        {
          model: base,
          training_file: `${method}.train.jsonl`,
          validation_file: `${method}.test.jsonl`,
          method: { type: method === 'sft' ? 'supervised' : method },
        },
        null,
        2,
      )}\n`,
    },
  ],
}

const unslothTrainer: Record<TuneMethod, string[]> = {
  sft: ['from trl import SFTConfig, SFTTrainer'],
  dpo: ['from trl import DPOConfig, DPOTrainer'],
  kto: ['from trl import KTOConfig, KTOTrainer'],
}
const run = (name: string, more: string[]) => [
  `trainer = ${name}Trainer(`,
  '    model=model, processing_class=tokenizer, train_dataset=data["train"], eval_dataset=data["test"],',
  `    args=${name}Config(output_dir="runs", num_train_epochs=2, per_device_train_batch_size=1, gradient_accumulation_steps=8${more.join('')}),`,
  ')',
]
const unslothRun: Record<TuneMethod, string[]> = {
  sft: run('SFT', [', learning_rate=1e-4, assistant_only_loss=True']),
  dpo: run('DPO', [', learning_rate=5e-6, beta=0.1']),
  kto: run('KTO', [', learning_rate=5e-6, beta=0.1']),
}

export function configsFor(trainer: Trainer, method: TuneMethod, model: string, maxTokens: number): Files {
  return configs[trainer]({ base: bases[model] ?? model, method, maxTokens })
}

const lines = (all: string[]) => `${all.join('\n')}\n`
