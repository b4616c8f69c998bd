/** What an autoscaler came to over the recent past, in steps. */
export interface Account {
  pods: number
  overloaded: number
}

/** Recent sums of autoscalers that saw the same load: each step weighs `keep` times what the next one does. */
export class Ledger {
  readonly #keep: number
  readonly accounts: readonly Account[]

  constructor(accounts: number, keep: number) {
    this.#keep = keep
    this.accounts = Array.from({ length: accounts }, () => ({ pods: 0, overloaded: 0 }))
  }

  add(account: number, step: { readonly pods: number; readonly overloaded: boolean }): void {
    const sums = this.accounts[account]!
    sums.pods = sums.pods * this.#keep + step.pods
    sums.overloaded = sums.overloaded * this.#keep + (step.overloaded ? 1 : 0)
  }
}
