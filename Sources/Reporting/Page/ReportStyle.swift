/// The page's style sheet.
let reportStyle = """
    :root {
      color-scheme: light dark;
      --ground: #fbfbfa; --sheet: #fff; --ink: #1c1d20; --soft: #5b5f68; --line: #e2e2de; --track: #ecece8;
      --mark: #2a65a8; --most: 62%; --issue: #a05600; --good: #1d6b43; --bad: #a8322a; --tint: 9%;
      font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
    }
    @media (prefers-color-scheme: dark) {
      :root {
        --ground: #141518; --sheet: #1b1d21; --ink: #e9e9e7; --soft: #a2a6af; --line: #30333a; --track: #2a2d33;
        --mark: #7fb3ee; --most: 44%; --issue: #ffb000; --good: #6fcf9c; --bad: #ff8d80; --tint: 14%;
      }
    }
    * { box-sizing: border-box; }
    body { margin: 0; background: var(--ground); color: var(--ink); -webkit-text-size-adjust: 100%; }
    main { max-width: 76rem; margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 2.5rem) 4rem; }
    h1 { font-size: 1.9rem; line-height: 1.2; margin: 0 0 1rem; letter-spacing: -0.015em; }
    h2 { font-size: 1.2rem; line-height: 1.3; margin: 0 0 0.25rem; }
    h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
    h3 span { color: var(--soft); font-weight: 400; margin-right: 0.35em; font-variant-numeric: tabular-nums; }
    p { margin: 0 0 1rem; }
    section { margin-top: 3rem; min-width: 0; }
    .brand { color: var(--soft); font-size: 0.85rem; margin: 0 0 0.25rem; }
    .note, article .facts { color: var(--soft); font-size: 0.9rem; }
    .note { margin: 0 0 1rem; max-width: 46rem; }
    code { font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
    .verdict { padding: 0.65rem 0.9rem; border-left: 4px solid var(--tone); border-radius: 0 6px 6px 0;
      background: color-mix(in srgb, var(--tone) var(--tint), var(--ground)); max-width: 46rem; }
    .verdict b { color: var(--tone); }
    .passed { --tone: var(--good); } .failed { --tone: var(--bad); } .none { --tone: var(--soft); }
    .none { color: var(--soft); }
    dl { margin: 0; } dd { margin: 0; }
    .numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); gap: 1rem 2rem; margin: 1.75rem 0; }
    .numbers div { display: flex; flex-direction: column-reverse; justify-content: flex-end; }
    .numbers dd { font-size: 1.75rem; line-height: 1.15; font-weight: 600; letter-spacing: -0.02em;
      font-variant-numeric: tabular-nums; }
    .numbers div:first-child dd { color: var(--issue); }
    .numbers dt { color: var(--soft); font-size: 0.9rem; }
    header .facts { display: flex; flex-wrap: wrap; gap: 0.3rem 1.75rem; font-size: 0.9rem; padding-top: 0.9rem;
      border-top: 1px solid var(--line); }
    header .facts div { display: flex; gap: 0.5em; } header .facts dt { color: var(--soft); }
    header .facts dd { overflow-wrap: anywhere; }
    .warnings { margin: 1rem 0 0; padding: 0.6rem 0.9rem 0.6rem 2rem; border: 1px solid var(--line); border-radius: 6px;
      font-size: 0.9rem; overflow-wrap: anywhere; }
    .swatch { display: inline-block; width: 0.85em; height: 0.85em; border-radius: 3px; margin-right: 0.5em;
      vertical-align: -0.06em; box-shadow: inset 0 0 0 1px rgb(128 128 128 / 45%); flex: none; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    .bars { width: 100%; font-size: 0.95rem; }
    .bars th, .bars td { text-align: left; padding: 0.4rem 0.9rem 0.4rem 0; border-bottom: 1px solid var(--line); }
    .bars thead th { color: var(--soft); font-weight: 400; font-size: 0.85rem; white-space: nowrap; }
    .bars tbody th { font-weight: 400; max-width: 16rem; overflow-wrap: anywhere; }
    .bars tbody th span { display: flex; align-items: baseline; }
    .bars .number { text-align: right; white-space: nowrap; }
    .bars .number:last-child { padding-right: 0; }
    .bars .wide { width: 45%; }
    .rate { display: flex; align-items: center; gap: 0.75rem; }
    .rate span { min-width: 4.5rem; white-space: nowrap; text-align: right; }
    .track { flex: 1; height: 0.8rem; min-width: 2rem; background: var(--track); border-radius: 3px; overflow: hidden; }
    .track div { height: 100%; background: var(--mark); border-radius: 3px; }
    .pair { display: flex; flex-wrap: wrap; gap: 0 3.5rem; }
    #swaps { flex: 0 1 auto; max-width: 100%; }
    #confidence { flex: 1 1 24rem; }
    #swaps .note, #swaps .readout { max-width: 30rem; }
    .scroll { overflow-x: auto; padding-bottom: 0.25rem; }
    .matrix { font-size: 0.85rem; }
    .matrix th { font-weight: 400; }
    .matrix thead th { vertical-align: bottom; padding: 0 0 0.4rem; }
    .matrix thead th span { writing-mode: vertical-rl; transform: rotate(180deg); white-space: nowrap; max-height: 9rem;
      overflow: hidden; text-overflow: ellipsis; }
    .matrix tbody th { text-align: right; padding-right: 0.6rem; white-space: nowrap; }
    .matrix tbody th span { display: inline-block; max-width: 9rem; overflow: hidden; text-overflow: ellipsis; vertical-align: middle; }
    .matrix .corner { color: var(--soft); font-size: 0.75rem; vertical-align: bottom; text-align: right; padding: 0 0.6rem 0.4rem 0; }
    .matrix tbody td { min-width: 2.6rem; height: 2.1rem; padding: 0 0.2rem; text-align: center; border: 1px solid var(--line); }
    .matrix.small tbody td { min-width: 1.1rem; height: 1.1rem; padding: 0; }
    .matrix .self { background: repeating-linear-gradient(135deg, transparent 0 4px, var(--line) 4px 5px); }
    .matrix .hit { background: color-mix(in srgb, var(--mark) calc(var(--shade) * var(--most)), var(--ground)); cursor: default; }
    .readout { min-height: 1.5em; margin: 0.5rem 0 0; font-size: 0.9rem; }
    .histogram { padding-left: 2.6rem; }
    .plot { position: relative; height: 15rem; border-bottom: 1px solid var(--soft); margin-top: 1.6rem; }
    .gridline { position: absolute; left: 0; right: 0; border-top: 1px solid var(--line); }
    .gridline span { position: absolute; right: 100%; padding-right: 0.5rem; transform: translateY(-50%);
      font-size: 0.8rem; color: var(--soft); line-height: 1; }
    .columns { position: absolute; inset: 0; display: flex; align-items: stretch; }
    .columns div { flex: 1; display: flex; align-items: flex-end; padding: 0 0.5px; }
    .columns i { display: block; width: 100%; background: var(--mark); border-radius: 1px 1px 0 0; }
    .columns .low i { background: var(--issue); }
    .columns div:hover { background: color-mix(in srgb, var(--mark) 12%, transparent); }
    .cutoff { position: absolute; top: -1.4rem; bottom: 0; border-left: 2px dashed var(--ink); pointer-events: none; }
    .cutoff span { position: absolute; top: -0.25rem; left: 0.5rem; white-space: nowrap; font-size: 0.85rem; line-height: 1.2; }
    .cutoff.left span { left: auto; right: 0.6rem; }
    .axis { display: flex; justify-content: space-between; font-size: 0.8rem; color: var(--soft); margin: 0.3rem 0 0.75rem; }
    .crops { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 19rem), 1fr)); gap: 1.5rem 1.25rem;
      margin: 1rem 0 2rem; }
    .crop { margin: 0; min-width: 0; }
    .crop[hidden], .regions tr[hidden] { display: none; }
    .crop figcaption { font-size: 0.95rem; overflow-wrap: anywhere; margin-bottom: 0.4rem; }
    .crop figcaption b { color: var(--soft); font-weight: 400; margin-right: 0.35em; }
    .crop figcaption span { display: block; color: var(--soft); font-size: 0.85rem; }
    .sides { display: grid; grid-template-columns: 1fr 1fr; gap: 0.5rem; align-items: start; }
    .sides > div { min-width: 0; }
    .sides .caption { overflow-wrap: anywhere; }
    .sides .photo { image-rendering: pixelated; }
    .crop svg { position: absolute; inset: 0; width: 100%; height: 100%; }
    .crop path { fill: none; stroke-width: 1.75px; vector-effect: non-scaling-stroke; stroke-linejoin: round; }
    .crop .halo { stroke: #fff; stroke-width: 4px; }
    .crop .region { fill: rgb(255 176 0 / 55%); stroke: none; }
    .regions { font-size: 0.9rem; width: 100%; }
    .regions th, .regions td { padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; border-bottom: 1px solid var(--line); }
    .regions th { font-weight: 400; } .regions tbody th { overflow-wrap: anywhere; min-width: 7rem; }
    .regions thead th { color: var(--soft); font-size: 0.85rem; white-space: nowrap; }
    .regions .number { text-align: right; white-space: nowrap; }
    .regions thead button { all: unset; box-sizing: border-box; cursor: pointer; padding: 0.1rem 0; }
    .regions thead th[aria-sort] { color: var(--ink); }
    .regions th[aria-sort="ascending"] button::after { content: " ↑"; }
    .regions th[aria-sort="descending"] button::after { content: " ↓"; }
    .legend { list-style: none; display: flex; flex-wrap: wrap; gap: 0.35rem 1.25rem; padding: 0; margin: 0 0 1rem; font-size: 0.9rem; }
    .legend li { display: flex; align-items: center; overflow-wrap: anywhere; }
    .filters { display: flex; flex-wrap: wrap; gap: 0.6rem 1rem; align-items: center; font-size: 0.9rem; margin-bottom: 0.5rem; }
    .filters[hidden] { display: none; }
    .filters select, .filters button, dialog button { font: inherit; color: inherit; background: var(--sheet);
      border: 1px solid var(--line); border-radius: 6px; padding: 0.3rem 0.6rem; max-width: 100%; }
    .filters output { color: var(--soft); }
    article { padding: 1.5rem 0 0.25rem; border-top: 1px solid var(--line); margin-top: 1.25rem; }
    article .facts { margin: 0 0 0.75rem; font-variant-numeric: tabular-nums; }
    .panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 14rem), 1fr)); gap: 0.75rem; }
    .panel { all: unset; box-sizing: border-box; cursor: zoom-in; display: block; border-radius: 6px; min-width: 0; }
    :focus-visible { outline: 3px solid var(--mark) !important; outline-offset: 2px; }
    .picture { display: block; position: relative; aspect-ratio: var(--ratio); max-width: calc(20rem * var(--ratio)); overflow: hidden; border-radius: 5px; background: var(--track);
      -webkit-print-color-adjust: exact; print-color-adjust: exact; }
    .picture img, .photo { position: absolute; inset: 0; width: 100%; height: 100%; image-rendering: pixelated; }
    .photo { background: var(--photo) 0 0 / 100% 100% no-repeat; image-rendering: auto; }
    .dimmed { filter: grayscale(1) brightness(0.55); }
    .caption { display: block; font-size: 0.85rem; color: var(--soft); padding-top: 0.25rem; }
    dialog { border: 0; padding: 0.9rem; border-radius: 10px; background: var(--sheet); color: var(--ink);
      max-width: none; max-height: none; width: min(96vw, 110rem); }
    dialog::backdrop { background: rgb(0 0 0 / 70%); }
    dialog .bar { display: flex; align-items: center; gap: 0.6rem; margin-bottom: 0.75rem; }
    dialog .bar strong { flex: 1; min-width: 0; overflow-wrap: anywhere; }
    .keys { color: var(--soft); font-size: 0.85rem; }
    #viewPicture .picture { margin: 0 auto; max-width: calc((92vh - 5rem) * var(--ratio)); }
    @media (max-width: 40rem) {
      main { padding-top: 1.25rem; }
      h1 { font-size: 1.6rem; }
      section { margin-top: 2.25rem; }
      .numbers { grid-template-columns: 1fr 1fr; gap: 1rem; }
      .numbers dd { font-size: 1.4rem; }
      .bars .threshold, .bars .number:nth-child(4) { display: none; }
      .bars .wide { width: 50%; }
      .bars .number:nth-child(3) { padding-right: 0; }
      .rate { gap: 0.5rem; } .rate span { min-width: 3.9rem; }
      .panels { grid-template-columns: 1fr 1fr; gap: 0.6rem; }
      .keys { display: none; }
      .crops { gap: 1.25rem; }
    }
    @media print {
      :root { --ground: #fff; --sheet: #fff; --ink: #000; --soft: #444; --line: #ccc; --track: #eee; --mark: #2a65a8;
        --most: 62%; --issue: #a05600; --good: #1d6b43; --bad: #a8322a; }
      main { max-width: none; padding: 0; }
      .filters, .readout, dialog { display: none !important; }
      :focus-visible { outline: none !important; }
      .matrix td, .columns i, .track, .track div, .swatch, .verdict { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
      article, tr, .histogram, .matrix, .crop { break-inside: avoid; }
      h2, h3 { break-after: avoid; }
      .panels { grid-template-columns: repeat(4, 1fr); }
    }

    """
