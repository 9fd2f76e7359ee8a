/** How far something is: as many blocks as steps, coloured up to the present one. */
export function Meter({ length, at }: { length: number; at: number }) {
  return (
    <span className="k-meter" aria-hidden>
      {Array.from({ length }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the blocks have no other name and never move
        <i key={index} data-on={index <= at || undefined} />
      ))}
    </span>
  );
}
