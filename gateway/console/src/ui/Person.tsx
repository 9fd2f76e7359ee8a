/** The first sign of a name: for Chinese names the family name, else the initial. */
export function Avatar({ name }: { name: string }) {
  return (
    <span className="k-avatar" aria-hidden>
      {[...name][0]?.toUpperCase()}
    </span>
  );
}

/** A person's name; somebody who is nobody's record any more shows as a dash. */
export function Person({ name }: { name: string | null | undefined }) {
  if (!name) return <span className="k-muted">—</span>;
  return (
    <span className="k-person">
      <Avatar name={name} />
      <span className="k-ellipsis">{name}</span>
    </span>
  );
}
