'use strict';
(() => {
  const one = (id) => document.getElementById(id);
  const articles = [...document.querySelectorAll('article')];

  const readout = one('readout');
  for (const cell of document.querySelectorAll('.matrix .hit')) {
    const text = cell.title;
    const show = () => { readout.textContent = text; };
    cell.addEventListener('mouseenter', show);
    cell.addEventListener('focus', show);
    cell.addEventListener('click', show);
  }

  const filters = one('filters');
  if (filters) {
    const given = one('given'), suggested = one('suggested'), shown = one('shown');
    const apply = () => {
      const isAll = given.value === '' && suggested.value === '';
      let pixels = 0, images = 0;
      for (const article of articles) {
        let found = 0;
        for (const layer of article.querySelectorAll('.layer')) {
          const isShown = (given.value === '' || layer.dataset.given === given.value)
            && (suggested.value === '' || layer.dataset.suggested === suggested.value);
          layer.hidden = !isShown;
          if (isShown) found += Number(layer.dataset.issues);
        }
        article.hidden = found === 0;
        pixels += found;
        images += found > 0 ? 1 : 0;
      }
      shown.value = isAll ? '' : pixels.toLocaleString('en') + ' issues in ' + images
        + (images === 1 ? ' image' : ' images');
    };
    filters.hidden = false;
    filters.addEventListener('change', apply);
    filters.addEventListener('submit', (event) => event.preventDefault());
    filters.addEventListener('reset', () => setTimeout(apply));
    apply();
  }

  const regionFilters = one('regionFilters');
  if (regionFilters) {
    const swap = one('swap'), shownRegions = one('shownRegions'), table = one('regionTable');
    const rows = [...table.tBodies[0].rows], cards = [...document.querySelectorAll('.crop')];
    const narrow = () => {
      for (const each of [...rows, ...cards]) each.hidden = swap.value !== '' && each.dataset.swap !== swap.value;
      const count = rows.filter((row) => !row.hidden).length;
      shownRegions.value = swap.value === '' ? '' : count + (count === 1 ? ' region' : ' regions');
    };
    const heads = [...table.tHead.rows[0].cells];
    heads.forEach((head, column) => {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = head.textContent;
      head.replaceChildren(button);
      const value = (row) => row.cells[column].dataset.value ?? row.cells[column].textContent;
      button.addEventListener('click', () => {
        const isDown = head.ariaSort === 'ascending'
          || head.ariaSort === null && column > 3 && column !== 5;
        for (const other of heads) other.removeAttribute('aria-sort');
        head.setAttribute('aria-sort', isDown ? 'descending' : 'ascending');
        const collator = new Intl.Collator('en', { numeric: true });
        const compare = (a, b) => head.classList.contains('number') || column !== 1
          ? value(a) - value(b) : collator.compare(value(a), value(b));
        table.tBodies[0].append(...[...rows].sort((a, b) => isDown ? compare(b, a) : compare(a, b)));
      });
    });
    regionFilters.hidden = false;
    regionFilters.addEventListener('change', narrow);
    regionFilters.addEventListener('submit', (event) => event.preventDefault());
  }

  const view = one('view'), holder = one('viewPicture'), title = one('viewTitle');
  let article = null, place = 0;
  const panels = () => [...article.querySelectorAll('.panel')];
  const draw = () => {
    const panel = panels()[place];
    const copy = panel.querySelector('.picture').cloneNode(true);
    holder.style.setProperty('--photo', article.style.getPropertyValue('--photo'));
    holder.replaceChildren(copy);
    title.textContent = article.dataset.title + ' · ' + panel.querySelector('.caption').textContent;
  };
  const step = (by) => {
    const visible = articles.filter((each) => !each.hidden);
    const at = visible.indexOf(article) + by;
    if (at >= 0 && at < visible.length) {
      article = visible[at];
      place = Math.min(place, panels().length - 1);
      draw();
    }
  };
  for (const each of articles) {
    each.querySelectorAll('.panel').forEach((panel, index) => panel.addEventListener('click', () => {
      article = each;
      place = index;
      draw();
      view.showModal();
    }));
  }
  one('previous').addEventListener('click', () => step(-1));
  one('next').addEventListener('click', () => step(1));
  one('close').addEventListener('click', () => view.close());
  view.addEventListener('click', (event) => { if (event.target === view) view.close(); });
  view.addEventListener('close', () => {
    const panel = article && panels()[place];
    if (panel) panel.focus();
  });
  view.addEventListener('keydown', (event) => {
    const count = panels().length;
    if (event.key === 'ArrowLeft') step(-1);
    else if (event.key === 'ArrowRight') step(1);
    else if (event.key === 'ArrowDown') { place = (place + 1) % count; draw(); }
    else if (event.key === 'ArrowUp') { place = (place + count - 1) % count; draw(); }
    else return;
    event.preventDefault();
  });
})();
