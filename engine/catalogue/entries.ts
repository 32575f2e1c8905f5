// The catalogue. Sizes and checksums are of the pinned commit, as the hub's own records of it say and as other public
// catalogues repeat (docs/decisions/065). Null where no source was found: a pull then takes the hub's record of that
// commit and refuses to go on when the hub has none.
import type { Entry } from './entry.ts'

const apache = { licence: 'Apache-2.0', licenceUrl: 'https://www.apache.org/licenses/LICENSE-2.0' }
const file =
  (part: 'weights' | 'projector') =>
  (name: string, bytes: number | null = null, sha256: string | null = null) => ({ name, part, bytes, sha256 })
const weights = file('weights')
const projector = file('projector')

const mistralSmall32 = {
  ...apache,
  repo: 'unsloth/Mistral-Small-3.2-24B-Instruct-2506-GGUF',
  revision: 'b750ec2299225e492f1bd27cab88a0a595fa848f',
  roles: ['chat', 'code', 'vision'],
  contextTokens: 131_072,
  cacheBytesPerToken: 163_840,
  template: null,
  // Trainers need a Jinja template, which this copy of the weights carries.
  base: 'unsloth/Mistral-Small-3.2-24B-Instruct-2506',
} satisfies Partial<Entry>
const mistralSmall32Projector = projector(
  'mmproj-F16.gguf',
  878_053_568,
  'd6af684ae9136398eaa0b59ea9e0b0b850bb6ac5084f1e8c5cb8f85251825eaf',
)

export const catalogue: Entry[] = [
  {
    ...mistralSmall32,
    name: 'mistral-small-3.2',
    title: 'Mistral Small 3.2 24B Instruct (Q4_K_M)',
    files: [
      weights(
        'Mistral-Small-3.2-24B-Instruct-2506-Q4_K_M.gguf',
        14_333_922_848,
        'a3cc56310807ed0d145eaf9f018ccda9ae7ad8edb41ec870aa2454b0d4700b3c',
      ),
      mistralSmall32Projector,
    ],
    smaller: 'mistral-small-3.2-q3',
    note: 'The all-round choice for a 24 GB GPU or a 32 GB Mac. Published: ChartQA 87.4.',
  },
  {
    ...mistralSmall32,
    name: 'mistral-small-3.2-q3',
    title: 'Mistral Small 3.2 24B Instruct (Q3_K_M)',
    files: [weights('Mistral-Small-3.2-24B-Instruct-2506-Q3_K_M.gguf', 11_474_095_648), mistralSmall32Projector],
    smaller: 'ministral-3-14b',
    note: 'The same model, packed tighter at some cost in quality: 16 GB hold it with a context of 16,384.',
  },
  {
    name: 'mistral-small-3.1',
    title: 'Mistral Small 3.1 24B Instruct (Q4_K_M)',
    ...apache,
    repo: 'bartowski/mistralai_Mistral-Small-3.1-24B-Instruct-2503-GGUF',
    revision: 'f73dfd9e812922fb503a993e3fa5671424f486d3',
    files: [
      weights(
        'mistralai_Mistral-Small-3.1-24B-Instruct-2503-Q4_K_M.gguf',
        14_333_910_496,
        'c5743c1bf39db0ae8a5ade5df0374b8e9e492754a199cfdad7ef393c1590f7c0',
      ),
      projector(
        'mmproj-mistralai_Mistral-Small-3.1-24B-Instruct-2503-f16.gguf',
        878_054_144,
        'f5add93ad360ef6ccba571bba15e8b4bd4471f3577440a8b18785f8707d987ed',
      ),
    ],
    roles: ['chat', 'code', 'vision'],
    contextTokens: 131_072,
    cacheBytesPerToken: 163_840,
    smaller: 'ministral-3-14b',
    // The template published with it cannot call tools.
    template: 'mistral-v7-tekken.jinja',
    base: 'mistralai/Mistral-Small-3.1-24B-Instruct-2503',
    note: 'The reference of its class; its 3.2 successor follows instructions better. Published: MMLU 80.62, DocVQA 94.08.',
  },
  {
    name: 'devstral-small-2',
    title: 'Devstral Small 2 24B Instruct (Q4_K_M)',
    ...apache,
    repo: 'unsloth/Devstral-Small-2-24B-Instruct-2512-GGUF',
    revision: '6e458b8add42681bfd023de5eab93637694aaf82',
    files: [
      weights(
        'Devstral-Small-2-24B-Instruct-2512-Q4_K_M.gguf',
        14_334_446_752,
        'd14ba9edee1bb4c4996a726deb81e49ae81800a3216f0774634238c380aee496',
      ),
      projector('mmproj-F16.gguf'),
    ],
    roles: ['code', 'chat', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 163_840,
    smaller: 'ministral-3-14b',
    template: null,
    base: 'mistralai/Devstral-Small-2-24B-Instruct-2512',
    note: 'The choice for coding agents on a 24 GB GPU. Published: SWE-bench Verified 68.0.',
  },
  {
    name: 'ministral-3-14b',
    title: 'Ministral 3 14B Instruct (Q4_K_M)',
    ...apache,
    repo: 'mistralai/Ministral-3-14B-Instruct-2512-GGUF',
    revision: '74fac473c43357d7fb2671713608183cc72496d0',
    files: [
      weights(
        'Ministral-3-14B-Instruct-2512-Q4_K_M.gguf',
        8_239_593_024,
        '824e0f3373e69b84f2cae46fdcb9bd1ebc6ab3bfc7acc125d818b7b8178cc613',
      ),
      projector(
        'Ministral-3-14B-Instruct-2512-BF16-mmproj.gguf',
        879_258_784,
        'ab7616148b7081030fd38e410c9213ce8346a8b0588291c8ca279058e78cfae7',
      ),
    ],
    roles: ['chat', 'code', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 163_840,
    smaller: 'ministral-3-8b',
    template: null,
    base: 'mistralai/Ministral-3-14B-Instruct-2512-BF16',
    note: "Between the 8B and the 24B; Mistral's own build.",
  },
  {
    name: 'ministral-3-8b',
    title: 'Ministral 3 8B Instruct (Q4_K_M)',
    ...apache,
    repo: 'mistralai/Ministral-3-8B-Instruct-2512-GGUF',
    revision: '0102285ad796bd99af90f58de616092e5630e970',
    files: [
      weights(
        'Ministral-3-8B-Instruct-2512-Q4_K_M.gguf',
        5_198_911_904,
        '33e7a72cf5e6e2cfc2f2847075acc013d68bba023e35310cef86b5cf8fdca761',
      ),
      projector(
        'Ministral-3-8B-Instruct-2512-BF16-mmproj.gguf',
        858_283_168,
        'e799380f596d152ff4026a72d409ecc89c96cd437676804bc3f2ab3bd6b486ec',
      ),
    ],
    roles: ['chat', 'code', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 139_264,
    smaller: 'ministral-3-3b',
    template: null,
    base: 'mistralai/Ministral-3-8B-Instruct-2512-BF16',
    note: 'For 12 GB: an 8.4B language model with a 0.4B vision encoder.',
  },
  {
    name: 'ministral-3-3b',
    title: 'Ministral 3 3B Instruct (Q4_K_M)',
    ...apache,
    repo: 'mistralai/Ministral-3-3B-Instruct-2512-GGUF',
    revision: 'eb599d408350ea2bb60452cb86be7c7b2fc28227',
    files: [
      weights(
        'Ministral-3-3B-Instruct-2512-Q4_K_M.gguf',
        2_147_023_008,
        '9ed150d4367e68df0ac8e1540f6ddc65b42d0ee26378329d1ecbca60f93fc5f8',
      ),
      projector('Ministral-3-3B-Instruct-2512-BF16-mmproj.gguf', 841_501_856),
    ],
    roles: ['chat', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 106_496,
    smaller: null,
    template: null,
    base: 'mistralai/Ministral-3-3B-Instruct-2512-BF16',
    note: 'For laptops without a GPU.',
  },
  {
    name: 'qwen3.8-27b',
    title: 'Qwen3.8 27B (Q4_K_M)',
    ...apache,
    repo: 'ggml-org/Qwen3.8-27B-GGUF',
    revision: '71bc7b627595dc8a91039addd9c791ae548d6747',
    files: [
      weights(
        'Qwen3.8-27B-Q4_K_M.gguf',
        18_973_870_528,
        'c600de0300ae8a0eb3a6c0b8b5561b8b96f16bd2c863c2a66c42de29d391a747',
      ),
      projector(
        'mmproj-Qwen3.8-27B-Q8_0.gguf',
        629_247_008,
        '2e968a6af97ce35d8971890b257b9b7edabf20ad91450501fa53162a19ee33eb',
      ),
    ],
    roles: ['code', 'chat', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 65_536,
    smaller: 'qwen3.6-27b',
    template: null,
    base: 'Qwen/Qwen3.8-27B',
    note: 'The strongest here for coding agents; long contexts are cheap. Published: Terminal-Bench 2.1 73.0.',
  },
  {
    name: 'qwen3.6-27b',
    title: 'Qwen3.6 27B (Q4_K_M)',
    ...apache,
    repo: 'unsloth/Qwen3.6-27B-GGUF',
    revision: '82d411acf4a06cfb8d9b073a5211bf410bfc29bf',
    files: [
      weights(
        'Qwen3.6-27B-Q4_K_M.gguf',
        16_817_244_384,
        '5ed60d0af4650a854b1755bd392f9aef4872643dc25a254bc68043fa638392a0',
      ),
      projector('mmproj-F16.gguf', 927_607_360, 'eacf610d1ee4bd5ed0197a0777dd8f4fceb8eefa27009067c7d496cb68fbde45'),
    ],
    roles: ['code', 'chat', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 65_536,
    smaller: 'devstral-small-2',
    template: null,
    base: 'Qwen/Qwen3.6-27B',
    note: 'What many people run for coding on 24 GB. Published: SWE-bench Verified 77.2.',
  },
  {
    name: 'qwen3.6-35b-a3b',
    title: 'Qwen3.6 35B-A3B (Q4_K_M)',
    ...apache,
    repo: 'ggml-org/Qwen3.6-35B-A3B-GGUF',
    revision: 'baec3ebee244827cda0f4557eafa8b28f7545fa6',
    files: [
      weights(
        'Qwen3.6-35B-A3B-Q4_K_M.gguf',
        20_419_565_568,
        '671e47e0ec53c665d048b98c3ecbfd5236b5ca9c3e02ed19fc8f81f7b85140c7',
      ),
      projector(
        'mmproj-Qwen3.6-35B-A3B-Q8_0.gguf',
        614_194_304,
        '904cbf8c8e876220066ab3bf676c7efa40f3da372276fdaf8b01d2fb2a37a51d',
      ),
    ],
    roles: ['code', 'chat', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 20_480,
    smaller: 'ministral-3-14b',
    template: null,
    base: 'Qwen/Qwen3.6-35B-A3B',
    note: 'Three billion parameters work on each token: fast where memory is plentiful.',
  },
  {
    name: 'qwen3-vl-8b',
    title: 'Qwen3-VL 8B Instruct (Q4_K_M)',
    ...apache,
    repo: 'unsloth/Qwen3-VL-8B-Instruct-GGUF',
    revision: 'b93a7ee713758252c555be4210c00540df954dc2',
    files: [
      weights(
        'Qwen3-VL-8B-Instruct-Q4_K_M.gguf',
        5_027_785_568,
        '108e7ff92b78eefd3db4741885104acba514255c11b617d3c7b197a5f46efe89',
      ),
      projector('mmproj-F16.gguf', 1_159_030_336, 'd406d03ebabefdef86a2c86bf0c1b65f9e046f7a81c218f25de4931b46a07fc4'),
    ],
    roles: ['vision', 'chat'],
    contextTokens: 262_144,
    cacheBytesPerToken: 147_456,
    smaller: 'qwen3.5-4b',
    template: null,
    base: 'Qwen/Qwen3-VL-8B-Instruct',
    note: 'For reading pictures, documents and screens on 12 GB.',
  },
  {
    name: 'qwen3.5-4b',
    title: 'Qwen3.5 4B (Q4_K_M)',
    ...apache,
    repo: 'unsloth/Qwen3.5-4B-GGUF',
    revision: 'e87f176479d0855a907a41277aca2f8ee7a09523',
    files: [
      weights(
        'Qwen3.5-4B-Q4_K_M.gguf',
        2_740_937_888,
        '00fe7986ff5f6b463e62455821146049db6f9313603938a70800d1fb69ef11a4',
      ),
      projector('mmproj-F16.gguf', 672_423_616, 'cd88edcf8d031894960bb0c9c5b9b7e1fea6ebee02b9f7ce925a00d12891f864'),
    ],
    roles: ['vision', 'chat'],
    contextTokens: 262_144,
    cacheBytesPerToken: 32_768,
    smaller: 'ministral-3-3b',
    template: null,
    base: 'Qwen/Qwen3.5-4B',
    note: 'Small and good at pictures; runs on laptops.',
  },
  {
    name: 'gemma-4-31b',
    title: 'Gemma 4 31B (Q4_K_M)',
    ...apache,
    repo: 'unsloth/gemma-4-31B-it-GGUF',
    revision: 'c1ac76e99d5513b141e8adde7288b85c3f9c32ec',
    files: [
      weights(
        'gemma-4-31B-it-Q4_K_M.gguf',
        18_323_733_440,
        '38bd64c852c4b460434cc7162fa9bdcf242faf86502581a754cb72956bb17f84',
      ),
      projector('mmproj-F16.gguf', 1_198_957_024, '6edcca228213c28d3567a35d22f849eea52d8360875093851959adf5d2f270eb'),
    ],
    roles: ['chat', 'vision'],
    contextTokens: 262_144,
    cacheBytesPerToken: 196_608,
    smaller: 'mistral-small-3.2',
    template: null,
    base: 'google/gemma-4-31B-it',
    note: 'A dense all-rounder for 32 GB.',
  },
  {
    name: 'nomic-embed-text-1.5',
    title: 'Nomic Embed Text 1.5 (F16)',
    ...apache,
    repo: 'nomic-ai/nomic-embed-text-v1.5-GGUF',
    revision: 'main',
    files: [
      weights(
        'nomic-embed-text-v1.5.f16.gguf',
        274_290_560,
        'f7af6f66802f4df86eda10fe9bbcfc75c39562bed48ef6ace719a251cf1c2fdb',
      ),
    ],
    roles: ['embed'],
    // Its file says 2,048; the 8,192 that its authors name need another scaling of positions.
    contextTokens: 2048,
    cacheBytesPerToken: 0,
    smaller: null,
    template: null,
    base: null,
    note: 'Embeddings for search.',
  },
]

export const entryOf = (name: string): Entry | null => catalogue.find((entry) => entry.name === name) ?? null
