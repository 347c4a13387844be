/** Does `work` for each item in their order, at most `max` at once. Rejects with the first failure, when none is under way. */
export async function atOnce<Item>(items: readonly Item[], max: number, work: (item: Item) => Promise<void>) {
  const waiting = items.values();
  const worker = async () => {
    for (const item of waiting) await work(item);
  };
  const done = await Promise.allSettled(Array.from({ length: Math.min(max, items.length) }, worker));
  const failed = done.find(({ status }) => status === 'rejected');
  if (failed?.status === 'rejected') throw failed.reason;
}
