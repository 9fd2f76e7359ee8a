import { Link } from "@tanstack/react-router";

/** The mark and the name, which lead to the workbench. */
export function Brand() {
  return (
    <Link to="/" search={{}} className="k-brand">
      <img src="/mark.svg" alt="" />
      <span>Kehu 客户</span>
    </Link>
  );
}
