// Ready settings for each trainer: a LoRA on attention and MLP of the language model, loss on assistant turns only.
// Checked against the sources of TRL 1.10, Axolotl 0.18 and Unsloth of July 2026 (docs/decisions/066).
import type { Trainer, TuneMethod } from '@seatrial/protocol'
import { entryOf } from '../catalogue/entries.ts'

const rank = 16
const alpha = 32
/** Layers of the language model by PEFT's pattern; a picture encoder has layers of the same names, and GGUF adapters none. */
const modules = String.raw`(?!.*vision).*\.layers\.\d+\.(self_attn|mlp)\.(q|k|v|o|gate|up|down)_proj`

interface Setting {
  base: string
  method: TuneMethod
  maxTokens: number
  /** Whether projects were held back. */
  tested: boolean
}
type Files = { path: string; text: string }[]

const rates: Record<TuneMethod, string> = { sft: '1.0e-4', dpo: '5.0e-6', kto: '5.0e-6' }
/** KTO compares the answers within one batch, so a batch needs two. */
const batches: Record<TuneMethod, number> = { sft: 1, dpo: 1, kto: 2 }

const configs: Record<Trainer, (setting: Setting) => Files> = {
  trl: ({ base, method, maxTokens, tested }) => [
    {
      path: `trl/${method}.yaml`,
      text: lines([
        `# In this folder: trl ${method} --config ${method}.yaml`,
        `model_name_or_path: ${base}`,
        `dataset_name: ./${method}`,
        ...(tested ? ['eval_strategy: epoch'] : []),
        // With prompt and completion apart, the loss is on the completion: what `assistant_only_loss` does for models
        // that see, where TRL does not offer it.
        ...(method === 'sft' ? ['completion_only_loss: true'] : ['beta: 0.1']),
        `max_length: ${maxTokens}`,
        'use_peft: true',
        `lora_r: ${rank}`,
        `lora_alpha: ${alpha}`,
        `lora_target_modules: ['${modules}']`,
        `learning_rate: ${rates[method]}`,
        'num_train_epochs: 2',
        `per_device_train_batch_size: ${batches[method]}`,
        'gradient_accumulation_steps: 8',
        'gradient_checkpointing: true',
        'bf16: true',
        `output_dir: adapter-${method}`,
      ]),
    },
  ],
  axolotl: ({ base, method, maxTokens, tested }) => {
    const dataset = (side: string) => [
      `  - path: ${method}/${side}.jsonl`,
      '    ds_type: json',
      '    split: train',
      `    type: ${method === 'sft' ? 'chat_template' : 'chat_template.default'}`,
      '    field_messages: messages',
      ...(method === 'sft'
        ? ['    roles_to_train: [assistant]', '    train_on_eos: turn']
        : ['    field_chosen: chosen', '    field_rejected: rejected']),
    ]
    return [
      {
        path: `axolotl/${method}.yaml`,
        text: lines([
          `# In this folder: axolotl train ${method}.yaml`,
          `base_model: ${base}`,
          ...(method === 'sft' ? [] : [`rl: ${method}`]),
          'chat_template: tokenizer_default',
          'datasets:',
          ...dataset('train'),
          ...(tested ? ['test_datasets:', ...dataset('test')] : []),
          'adapter: lora',
          `lora_r: ${rank}`,
          `lora_alpha: ${alpha}`,
          `lora_target_modules: '${modules}'`,
          `sequence_len: ${maxTokens}`,
          `learning_rate: ${rates[method]}`,
          'num_epochs: 2',
          `micro_batch_size: ${batches[method]}`,
          'gradient_accumulation_steps: 8',
          'gradient_checkpointing: true',
          'bf16: auto',
          `output_dir: adapter-${method}`,
        ]),
      },
    ]
  },
  unsloth: ({ base, method, maxTokens, tested }) => {
    const trainer = method.toUpperCase()
    const settings = [
      'output_dir="runs"',
      'num_train_epochs=2',
      `per_device_train_batch_size=${batches[method]}`,
      'gradient_accumulation_steps=8',
      `learning_rate=${rates[method]}`,
      `max_length=${maxTokens}`,
      method === 'sft' ? 'completion_only_loss=True' : 'beta=0.1',
    ]
    const sides = ['train', ...(tested ? ['test'] : [])]
    return [
      {
        path: `unsloth/${method}.py`,
        text: lines([
          `# In this folder: python ${method}.py`,
          'from unsloth import FastModel',
          'from datasets import load_dataset',
          `from trl import ${trainer}Config, ${trainer}Trainer`,
          '',
          `model, tokenizer = FastModel.from_pretrained("${base}", max_seq_length=${maxTokens}, load_in_4bit=True)`,
          'model = FastModel.get_peft_model(',
          `    model, r=${rank}, lora_alpha=${alpha}, use_gradient_checkpointing="unsloth",`,
          '    finetune_vision_layers=False, finetune_language_layers=True,',
          '    finetune_attention_modules=True, finetune_mlp_modules=True,',
          ')',
          `data = load_dataset("json", data_files={${sides.map((side) => `"${side}": "${method}/${side}.jsonl"`).join(', ')}})`,
          `trainer = ${trainer}Trainer(`,
          `    model=model, processing_class=tokenizer, train_dataset=data["train"],${tested ? ' eval_dataset=data["test"],' : ''}`,
          `    args=${trainer}Config(${settings.join(', ')}),`,
          ')',
          'trainer.train()',
          `model.save_pretrained("adapter-${method}")`,
        ]),
      },
    ]
  },
  openai: ({ base, method, tested }) => [
    {
      path: `openai/${method}.json`,
      text: `${JSON.stringify(
        {
          model: base,
          training_file: `${method}/train.jsonl`,
          ...(tested ? { validation_file: `${method}/test.jsonl` } : {}),
          method: { type: method === 'sft' ? 'supervised' : method },
        },
        null,
        2,
      )}\n`,
    },
  ],
}

/** Settings for `model`, a name of the catalogue or the hub's name of unquantised weights. */
export function configsFor(trainer: Trainer, model: string, setting: Omit<Setting, 'base'>): Files {
  return configs[trainer]({ ...setting, base: entryOf(model)?.base ?? model })
}

const lines = (all: string[]) => `${all.join('\n')}\n`
