// The messages of a campaign: the same ones in every process that runs it, and in the program that judges them.

/** So many rows. Some are invalid, and some have the number and the text of the one before; every other campaign has ids. */
export function rowsOf(seed, count) {
  const rows = [];
  for (let index = 0; index < count; index++) {
    const to = index % 40 === 39 ? `+22177${index}` : `+22177${String(seed % 1000).padStart(3, "0")}${String(index).padStart(4, "0")}`;
    const { id, ...twin } = index % 10 === 9 ? rows[index - 1] : { to, text: `Votre commande n° ${index} est prête.` };
    rows.push(seed % 2 ? { ...twin, id: `commande-${index}` } : twin);
  }
  return rows;
}

/** What makes two messages the same to whoever gets them. */
export const keyOf = ({ to, text }) => `${to} ${text}`;
