// Names on the canvas: a halo keeps them readable above lines, the one under the pointer stands on a plate.
const LONGEST = 34;

export const shorten = (name) => (name.length > LONGEST ? `${name.slice(0, LONGEST - 1).trimEnd()}…` : name);

/** Drawing functions in the shape that sigma asks for: (context, data, settings). */
export function labelPainter(theme) {
  return (context, data) => {
    if (!data.label) return;
    const { x, y } = writeAt(context, data, theme);
    context.lineWidth = 3.5;
    context.lineJoin = "round";
    context.strokeStyle = theme().ground;
    context.strokeText(data.label, x, y);
    context.fillStyle = theme().ink;
    context.fillText(data.label, x, y);
  };
}

export function hoverPainter(theme) {
  return (context, data) => {
    const { ink, surface, line } = theme();
    ring(context, data, ink);
    if (!data.label) return;
    const { x, y, size } = writeAt(context, data, theme);
    const width = context.measureText(data.label).width;
    context.fillStyle = surface;
    context.strokeStyle = line;
    context.lineWidth = 1;
    context.beginPath();
    context.roundRect(x - 7, y - size - 4, width + 14, size + 13, 7);
    context.fill();
    context.stroke();
    context.fillStyle = ink;
    context.fillText(data.label, x, y);
  };
}

function ring(context, data, ink) {
  context.beginPath();
  context.arc(data.x, data.y, data.size + 2.5, 0, Math.PI * 2);
  context.strokeStyle = ink;
  context.lineWidth = 2;
  context.stroke();
}

function writeAt(context, data, theme) {
  const size = Math.round(Math.min(17, 10.5 + data.size * 0.32));
  context.font = `${data.size > 9 ? 600 : 500} ${size}px ${theme().font}`;
  return { size, x: data.x + data.size + 5, y: data.y + size * 0.35 };
}
