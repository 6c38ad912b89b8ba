// SPDX-License-Identifier: Apache-2.0
import { Component, computed, input } from '@angular/core';
import { RouterLink } from '@angular/router';
import type { Params } from '@angular/router';
import { TableBox } from '../look/table-box.ts';

export interface DataColumn {
  readonly label: string;
  readonly numeric?: boolean;
}
export interface DataCell {
  /** What stands on the screen. */
  readonly text: string;
  /** What goes into the export: the number itself, in the unit of the header. */
  readonly raw: string | number | null;
  readonly link?: readonly string[];
  readonly query?: Params;
}
/** The same facts as a chart, as a table: for reading, for screen readers and for export. */
export interface DataTable {
  readonly caption: string;
  readonly columns: readonly DataColumn[];
  readonly rows: readonly (readonly DataCell[])[];
  readonly foot?: readonly DataCell[];
}

export const textCell = (text: string | null | undefined): DataCell => ({
  text: text ?? '–',
  raw: text ?? null,
});
export const numberCell = (text: string, raw: number | null | undefined): DataCell => ({
  text,
  raw: raw ?? null,
});

const rowsShownMax = 2_000;

@Component({
  selector: 'wl-data-table',
  imports: [RouterLink, TableBox],
  template: `
    <div class="table-box">
      <table class="table sticky">
        <caption class="visually-hidden">
          {{
            table().caption
          }}
        </caption>
        <thead>
          <tr>
            @for (column of table().columns; track $index) {
              <th scope="col" [class.num]="column.numeric">{{ column.label }}</th>
            }
          </tr>
        </thead>
        <tbody>
          @for (row of rows(); track $index) {
            <tr>
              @for (cell of row; track $index; let index = $index) {
                <td [class.num]="table().columns[index]?.numeric">
                  @if (cell.link; as link) {
                    <a [routerLink]="link" [queryParams]="cell.query">{{ cell.text }}</a>
                  } @else {
                    {{ cell.text }}
                  }
                </td>
              }
            </tr>
          }
        </tbody>
        @if (table().foot; as foot) {
          <tfoot>
            <tr>
              @for (cell of foot; track $index; let index = $index) {
                <td [class.num]="table().columns[index]?.numeric">{{ cell.text }}</td>
              }
            </tr>
          </tfoot>
        }
      </table>
    </div>
  `,
  styles: `
    .table-box {
      max-height: var(--table-height, 420px);
      overflow: auto;
    }
    tfoot td {
      position: sticky;
      bottom: 0;
      background: var(--surface);
    }
  `,
})
export class DataTableView {
  readonly table = input.required<DataTable>();
  protected readonly rows = computed(() => this.table().rows.slice(0, rowsShownMax));
}
