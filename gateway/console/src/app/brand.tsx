import { Link } from "@tanstack/react-router";
import { mark } from "./mark.ts";

/** The mark and the name, which lead to the workbench. */
export function Brand() {
  return (
    <Link to="/" search={{}} className="k-brand">
      <img src={mark} alt="" />
      <span>Kehu 客户</span>
    </Link>
  );
}
