// A box to draw in with mouse, pen or finger. It keeps lines, not pixels, so that
// the signature is sharp in print.

export interface Point {
  x: number
  y: number
}

// What the server takes at most.
const mostLines = 400
const mostPoints = 8000

// nearest is how close two points of a line may be, in pixels.
const nearest = 1.5

export class Pad {
  private lines: Point[][] = [] // in pixels of the canvas as shown
  private drawing_: Point[] | undefined
  private width = 0
  private height = 0

  constructor(private readonly canvas: HTMLCanvasElement) {
    canvas.addEventListener("pointerdown", (event) => this.begin(event))
    canvas.addEventListener("pointermove", (event) => this.move(event))
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, () => (this.drawing_ = undefined))
    addEventListener("resize", () => this.fit())
  }

  // fit gives the canvas as many pixels as the screen has where it stands. What
  // was drawn grows or shrinks with it.
  fit() {
    const box = this.canvas.getBoundingClientRect()
    if (!box.width) return
    if (this.width && this.width !== box.width) {
      const by = { x: box.width / this.width, y: box.height / this.height }
      for (const line of this.lines) for (const p of line) [p.x, p.y] = [p.x * by.x, p.y * by.y]
    }
    this.width = box.width
    this.height = box.height
    this.canvas.width = Math.round(box.width * devicePixelRatio)
    this.canvas.height = Math.round(box.height * devicePixelRatio)
    this.paint()
  }

  undo() {
    this.lines.pop()
    this.paint()
  }

  clear() {
    this.lines = []
    this.paint()
  }

  private begin(event: PointerEvent) {
    if (event.button !== 0 || this.lines.length === mostLines) return
    this.canvas.setPointerCapture(event.pointerId)
    this.drawing_ = [this.at(event)]
    this.lines.push(this.drawing_)
    this.paint()
  }

  private move(event: PointerEvent) {
    if (!this.drawing_) return
    for (const part of event.getCoalescedEvents?.() ?? [event]) this.add(this.at(part))
    this.paint()
  }

  private add(p: Point) {
    const last = this.drawing_![this.drawing_!.length - 1]
    const far = Math.hypot(p.x - last.x, p.y - last.y) >= nearest
    if (far && this.lines.reduce((sum, line) => sum + line.length, 0) < mostPoints) this.drawing_!.push(p)
  }

  private at(event: PointerEvent): Point {
    const box = this.canvas.getBoundingClientRect()
    const within = (v: number, most: number) => Math.min(Math.max(v, 0), most)
    return { x: within(event.clientX - box.left, this.width), y: within(event.clientY - box.top, this.height) }
  }

  private paint() {
    const to = this.canvas.getContext("2d")!
    to.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0)
    to.clearRect(0, 0, this.width, this.height)
    to.lineWidth = 2.4
    to.lineCap = to.lineJoin = "round"
    to.strokeStyle = "#14225a"
    for (const line of this.lines) {
      to.beginPath()
      to.moveTo(line[0].x, line[0].y)
      for (const p of line) to.lineTo(p.x, p.y)
      if (line.length === 1) to.lineTo(line[0].x + 0.1, line[0].y)
      to.stroke()
    }
  }

  // drawing is what was drawn, cut to its own edges, in a box of 1 × 1; undefined
  // when there is nothing.
  drawing(): { strokes: Point[][]; aspect: number } | undefined {
    const all = this.lines.flat()
    if (all.length < 2) return undefined
    const box = edges(all)
    const fine = (v: number) => Math.round(v * 1e4) / 1e4
    const strokes = this.lines.map((line) =>
      (line.length === 1 ? [line[0], line[0]] : line).map((p) => ({ x: fine((p.x - box.x) / box.width), y: fine((p.y - box.y) / box.height) })),
    )
    return { strokes, aspect: fine(box.width / box.height) }
  }
}

// edges is the box around the points with a little air, never a mere line.
function edges(points: Point[]) {
  const [xs, ys] = [points.map((p) => p.x), points.map((p) => p.y)]
  const [left, top] = [Math.min(...xs), Math.min(...ys)]
  const air = 3
  const width = Math.max(...xs) - left + 2 * air
  const height = Math.max(...ys) - top + 2 * air
  const [wide, high] = [Math.max(width, height / 2), Math.max(height, width / 8)]
  return { x: left - air - (wide - width) / 2, y: top - air - (high - height) / 2, width: wide, height: high }
}
