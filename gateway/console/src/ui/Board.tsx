import { MoreOutlined } from "@ant-design/icons";
import { DragDropContext, Draggable, Droppable, type DropResult } from "@hello-pangea/dnd";
import { Button, Dropdown } from "antd";
import { type ComponentProps, type ReactNode, type RefObject, useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";

export interface Lane<R> {
  key: string;
  label: string;
  count: number;
  rows: R[];
  /** Whether there are more rows than are shown. */
  more: boolean;
  foot?: ReactNode;
}

/** Where a card goes: the lane, and the card that it shall lie below; missing: on top. */
export interface Move {
  lane: string;
  above: string | undefined;
}

interface Named {
  key: string;
  label: string;
}

interface Properties<R> {
  lanes: Lane<R>[];
  /** All places a card can be moved to, also those not shown on a phone. */
  places: Named[];
  /** Ends of the way, shown while a card is dragged; each asks for its facts. */
  zones: Named[];
  name: (row: R) => string;
  movable: (row: R) => boolean;
  zoneAllowed: (row: R, zone: string) => boolean;
  card: (row: R) => ReactNode;
  onOpen: (row: R) => void;
  onMove: (row: R, move: Move) => void;
  onZone: (row: R, zone: string) => void;
  onMore: (lane: string) => void;
}

/** Lanes of cards. A card moves by mouse, by space and arrow keys, or by its own menu. */
export function Board<R extends { id: string }>(properties: Properties<R>) {
  const { lanes, zones, onZone } = properties;
  const { t } = useTranslation();
  const moved = useRef<string>(undefined);
  const onMove = (row: R, move: Move) => {
    moved.current = row.id;
    properties.onMove(row, move);
  };
  const [dragged, setDragged] = useState<R>();
  const find = (id: string) => lanes.flatMap((lane) => lane.rows).find((row) => row.id === id);
  const drop = ({ draggableId, destination, source }: DropResult) => {
    setDragged(undefined);
    const row = find(draggableId);
    if (!row || !destination) return;
    if (destination.droppableId.startsWith("zone:")) return onZone(row, destination.droppableId.slice(5));
    if (destination.droppableId === source.droppableId && destination.index === source.index) return;
    const target = lanes.find((lane) => lane.key === destination.droppableId);
    const others = target?.rows.filter((one) => one.id !== row.id) ?? [];
    onMove(row, { lane: destination.droppableId, above: others[destination.index - 1]?.id });
  };
  return (
    <DragDropContext
      dragHandleUsageInstructions={t("board.hint")}
      onBeforeCapture={({ draggableId }) => setDragged(find(draggableId))}
      onDragEnd={drop}
    >
      <div className="k-board">
        {lanes.map((lane) => (
          <LaneColumn key={lane.key} {...properties} lane={lane} onMove={onMove} moved={moved} />
        ))}
      </div>
      {dragged && (
        <div className="k-zones">
          {zones
            .filter((zone) => properties.zoneAllowed(dragged, zone.key))
            .map((zone) => (
              <Droppable key={zone.key} droppableId={`zone:${zone.key}`}>
                {(provided) => (
                  <div ref={provided.innerRef} {...provided.droppableProps} className="k-zone">
                    {zone.label}
                    <span hidden>{provided.placeholder}</span>
                  </div>
                )}
              </Droppable>
            ))}
        </div>
      )}
    </DragDropContext>
  );
}

interface LaneProperties<R> extends Properties<R> {
  lane: Lane<R>;
  /** The card that has just been moved: where it arrives, it takes the focus that it lost on the way. */
  moved: Moved;
}

function LaneColumn<R extends { id: string }>({ lane, moved, ...board }: LaneProperties<R>) {
  const { t } = useTranslation();
  return (
    <Droppable droppableId={lane.key}>
      {(provided, { isDraggingOver }) => (
        <section className="k-lane" data-over={isDraggingOver || undefined} aria-label={lane.label}>
          <header>
            <h2>
              {lane.label} <span className="k-count">{lane.count}</span>
            </h2>
            <div className="k-wrap">{lane.foot}</div>
          </header>
          <div ref={provided.innerRef} {...provided.droppableProps} className="k-lane-cards">
            {lane.rows.map((row, index) => (
              <Draggable key={row.id} draggableId={row.id} index={index} isDragDisabled={!board.movable(row)}>
                {(drag, { isDragging }) => (
                  <div
                    ref={drag.innerRef}
                    {...drag.draggableProps}
                    className={`k-board-card${isDragging ? " k-dragging" : ""}`}
                  >
                    <div className="k-row">
                      <button
                        type="button"
                        className="k-card-name k-ellipsis"
                        onClick={() => board.onOpen(row)}
                      >
                        {board.name(row)}
                      </button>
                      <CardMenu row={row} lane={lane.key} {...board} />
                    </div>
                    <Handle id={row.id} moved={moved} {...drag.dragHandleProps}>
                      <span className="k-hidden">{board.name(row)}</span>
                      {board.card(row)}
                    </Handle>
                  </div>
                )}
              </Draggable>
            ))}
            {provided.placeholder}
            {lane.more && (
              <Button type="link" size="small" block onClick={() => board.onMore(lane.key)}>
                {t("board.all", { count: lane.count })}
              </Button>
            )}
          </div>
        </section>
      )}
    </Droppable>
  );
}

type Moved = RefObject<string | undefined>;

function Handle({ id, moved, ...rest }: ComponentProps<"div"> & { id: string; moved: Moved }) {
  const handle = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (moved.current !== id) return;
    moved.current = undefined;
    handle.current?.focus();
  }, [id, moved]);
  return <div ref={handle} {...rest} />;
}

/** "Move to": the same by keyboard and finger as by dragging. */
function CardMenu<R extends { id: string }>({
  row,
  lane,
  places,
  zones,
  ...board
}: Properties<R> & { row: R; lane: string }) {
  const { t } = useTranslation();
  const items = [
    ...(board.movable(row)
      ? places
          .filter((place) => place.key !== lane)
          .map((place) => ({
            key: place.key,
            label: t("board.moveTo", { name: place.label }),
            onClick: () => board.onMove(row, { lane: place.key, above: undefined }),
          }))
      : []),
    ...zones
      .filter((zone) => board.zoneAllowed(row, zone.key))
      .map((zone) => ({ key: zone.key, label: zone.label, onClick: () => board.onZone(row, zone.key) })),
  ];
  if (items.length === 0) return null;
  return (
    <Dropdown autoFocus trigger={["click"]} menu={{ items }}>
      <Button
        type="text"
        size="small"
        icon={<MoreOutlined />}
        aria-label={t("board.menu", { name: board.name(row) })}
      />
    </Dropdown>
  );
}
