import type { CommandSpec } from '../terminal/command.ts'
import { annotate } from './annotate.ts'
import { benchmarkRun } from './benchmark-run.ts'
import { benchmarkScore } from './benchmark-score.ts'
import { checklist } from './checklist.ts'
import { compare } from './compare.ts'
import { completion } from './completion.ts'
import { configCheck, configPrint, configSchemaCommand } from './config.ts'
import { curate } from './curate.ts'
import { dataExport } from './data-export.ts'
import { dataFunnel } from './data-funnel.ts'
import { dataImport } from './data-import.ts'
import { dataShow } from './data-show.ts'
import { dataValidate } from './data-validate.ts'
import { doctor } from './doctor.ts'
import { edit } from './edit.ts'
import { evaluate } from './eval.ts'
import { exportForEngine } from './export.ts'
import { fake } from './fake.ts'
import { init } from './init.ts'
import { editorInstall, trainerInstall } from './install.ts'
import { newPlugin } from './new.ts'
import { planBudget } from './plan-budget.ts'
import { plugins } from './plugins.ts'
import { query } from './query.ts'
import { reedit } from './reedit.ts'
import { rejudge } from './rejudge.ts'
import { report } from './report.ts'
import { runsPack } from './runs-pack.ts'
import { runsList, runsShow } from './runs.ts'
import { rewardExplain } from './reward-explain.ts'
import { rewardWhatIf } from './reward-what-if.ts'
import { serve } from './serve.ts'
import { synthesize } from './synthesize.ts'
import { train } from './train.ts'
import { view } from './view.ts'

/** All commands, in the order of `dda --help`. */
export const COMMANDS: readonly CommandSpec[] = [
  init,
  newPlugin,
  synthesize,
  checklist,
  curate,
  dataImport,
  dataExport,
  dataShow,
  dataValidate,
  dataFunnel,
  exportForEngine,
  train,
  evaluate,
  serve,
  edit,
  compare,
  reedit,
  rejudge,
  annotate,
  benchmarkRun,
  benchmarkScore,
  rewardExplain,
  rewardWhatIf,
  view,
  report,
  query,
  doctor,
  planBudget,
  configPrint,
  configSchemaCommand,
  configCheck,
  plugins,
  trainerInstall,
  editorInstall,
  fake,
  runsList,
  runsShow,
  runsPack,
  completion,
]
